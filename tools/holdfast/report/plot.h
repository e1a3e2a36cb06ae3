// Line plots as SVG. Pure functions.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::tool {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x, y; by x. Not finite: a gap in the line
};

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
};

// <figure> with a caption and an <svg> that is as wide as there is room for. Each point is there as
// it is, up to kMostPoints; of more, the least and the greatest of as many intervals. A <title> at
// each says its x and y.
std::string draw(const Plot& plot);
inline constexpr std::size_t kMostPoints = 1000;

// At most so many numbers of a step of 1, 2 or 5 times a power of ten that lie from `low` to
// `high`, ascending.
std::vector<double> round_numbers(double low, double high, int most);

std::string escape_html(const std::string& text);

}  // namespace holdfast::tool
