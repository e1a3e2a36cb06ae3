// A number over steps, as many as memory and a plot have room for. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::tool {

using Points = std::vector<std::pair<double, double>>;  // x, y; by x. Not finite: a gap in the line

bool is_finite(const std::pair<double, double>& point);

// Of each of so many stretches of the points: the least and the greatest that is finite, and one
// that is not, if there is any; in their order.
Points thinned(const Points& points, std::size_t stretches);

struct Series {
  static constexpr std::size_t kMostKept = 1 << 20;

  std::string name;
  Points points;
  std::size_t gaps_left_out = 0;  // that were points

  // Behind the last. What there are more of than kMostKept is thinned.
  void add(double x, double y);

  std::size_t gaps() const;  // all that have come, whether they are still there or not
};

}  // namespace holdfast::tool
