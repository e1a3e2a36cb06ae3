// Draws line plots as SVG. Pure functions.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "report/series.h"

namespace holdfast::tool {

// A vertical line at `x`, over the whole height of the plot.
struct VerticalLine {
  double x;
  std::string kind;   // the class in the style sheet: "crash", "resume"
  std::string label;  // shown when somebody points at the line
};

struct Plot {
  std::string title;
  Series series;
  std::vector<VerticalLine> marks;
  std::vector<double> ticks;                  // short strokes on the x axis, for checkpoints
  std::function<std::string(double)> y_text;  // formats a value, with its unit
  std::function<std::string(double)> tick_text = y_text;  // formats the label of a gridline
};

// A <figure> with a caption and an <svg> that is as wide as there is room for. Up to kMostPoints
// points are all drawn, each with a <title> that says its x and y; of more points only the extremes
// (thinned()). Marks of the same kind in one column of pixels are drawn as one, whose label says
// how many there are.
std::string draw(const Plot& plot);
inline constexpr std::size_t kMostPoints = 1000;

// At most `most` round numbers from `low` to `high`, ascending: multiples of 1, 2 or 5 times a
// power of ten. Empty if high <= low or one of the two is not finite.
std::vector<double> round_numbers(double low, double high, int most);

// Escapes a text for use in an element, or in an attribute in quotes of either kind. Control
// characters and bytes that are not UTF-8 become \xNN.
std::string escape_html(const std::string& text);

}  // namespace holdfast::tool
