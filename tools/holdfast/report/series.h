// A number over steps. Thinned out where there are more points than memory or a plot has room for.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::tool {

// Points x, y, ordered by x. A point that is not finite is a gap in the line.
using Points = std::vector<std::pair<double, double>>;

bool is_finite(const std::pair<double, double>& point);

// Divides the points into `stretches` of equal length and keeps at most three points of each, in
// their order: the least and the greatest that are finite, and one that is not.
Points thinned(const Points& points, std::size_t stretches);

struct Series {
  static constexpr std::size_t kMostKept = 1 << 20;

  std::string name;
  Points points;
  std::size_t gaps_left_out = 0;  // points that were not finite and were thinned out

  // Adds a point behind the last. Thins the points if there are more than kMostKept.
  void add(double x, double y);

  std::size_t gaps() const;  // the number of points that were not finite, thinned out or not
};

}  // namespace holdfast::tool
