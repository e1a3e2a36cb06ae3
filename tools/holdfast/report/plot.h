// Line plots as SVG. Pure functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/series.h"

namespace holdfast::tool {

// A vertical line at an x, all over the plot.
struct Mark {
  double x;
  std::string kind;   // of the style sheet: "crash", "resume"
  std::string label;  // shown when somebody points at it
};

struct Plot {
  std::string title;
  Series series;
  std::vector<Mark> marks;
  std::vector<double> ticks;                  // short strokes on the x axis: checkpoints
  std::function<std::string(double)> y_text;  // of a value, with its unit
  std::function<std::string(double)> tick_text = y_text;  // of a round one, beside its gridline
};

// <figure> with a caption and an <svg> that is as wide as there is room for. Each point is there as
// it is, up to kMostPoints; of more, the extremes (thinned). A <title> at each says its x and y. In
// a column of pixels there is one mark of a kind at most, which says how many it stands for.
std::string draw(const Plot& plot);
inline constexpr std::size_t kMostPoints = 1000;

// At most so many numbers of a step of 1, 2 or 5 times a power of ten that lie from `low` to
// `high`, ascending. None where there is nothing between the two, or one is not finite.
std::vector<double> round_numbers(double low, double high, int most);

// For the text of an element, and for an attribute in quotes of either kind. Control characters,
// and what is not UTF-8, are shown as \xNN.
std::string escape_html(const std::string& text);

}  // namespace holdfast::tool
