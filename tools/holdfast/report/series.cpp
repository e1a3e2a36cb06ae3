#include "report/series.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace holdfast::tool {
namespace {

void keep_extremes(Points::const_iterator begin, Points::const_iterator end, Points& kept) {
  Points::const_iterator least = end, most = end, gap = end;
  for (auto point = begin; point != end; ++point) {
    if (!is_finite(*point)) {
      gap = point;
      continue;
    }
    if (least == end || point->second < least->second) least = point;
    if (most == end || point->second >= most->second) most = point;
  }
  std::array<Points::const_iterator, 3> chosen = {least, most, gap};
  std::sort(chosen.begin(), chosen.end());
  const auto last = std::unique(chosen.begin(), chosen.end());
  std::for_each(chosen.begin(), last, [&](const auto& point) {
    if (point != end) kept.push_back(*point);
  });
}

std::size_t gaps_among(const Points& points) {
  return points.size() -
         static_cast<std::size_t>(std::count_if(points.begin(), points.end(), is_finite));
}

}  // namespace

bool is_finite(const std::pair<double, double>& point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

Points thinned(const Points& points, std::size_t stretches) {
  Points kept;
  const auto at = [&](std::size_t i) {
    return points.begin() + static_cast<std::ptrdiff_t>(points.size() * i / stretches);
  };
  for (std::size_t i = 0; i < stretches; ++i) keep_extremes(at(i), at(i + 1), kept);
  return kept;
}

void Series::add(double x, double y) {
  if (points.size() >= kMostKept) {
    const std::size_t before = gaps();
    points = thinned(points, kMostKept / 8);
    gaps_left_out = before - gaps_among(points);
  }
  points.emplace_back(x, y);
}

std::size_t Series::gaps() const {
  return gaps_left_out + gaps_among(points);
}

}  // namespace holdfast::tool
