#include "kill_steps.h"

#include <algorithm>
#include <random>

namespace holdfast::tool {
namespace {

// Part `i` of the range, which is divided into `count` equal parts.
StepRange part_of(StepRange range, std::int64_t i, std::int64_t count) {
  const std::int64_t size = range.last - range.first + 1;
  const auto begin = [&](std::int64_t part) {
    return range.first + size / count * part + std::min(part, size % count);
  };
  return {begin(i), begin(i + 1) - 1};
}

}  // namespace

std::vector<std::int64_t> draw_kill_steps(StepRange range, int count, std::uint64_t seed) {
  if (range.empty()) return {};
  const std::int64_t parts = std::min<std::int64_t>(count, range.last - range.first + 1);
  std::mt19937_64 random(seed);
  std::vector<std::int64_t> steps;
  for (std::int64_t i = 0; i < parts; ++i) {
    const StepRange part = part_of(range, i, parts);
    const auto size = static_cast<std::uint64_t>(part.last - part.first + 1);
    steps.push_back(part.first + static_cast<std::int64_t>(random() % size));
  }
  return steps;
}

std::vector<std::int64_t> given_kill_steps(std::vector<std::int64_t> steps) {
  std::sort(steps.begin(), steps.end());
  steps.erase(std::unique(steps.begin(), steps.end()), steps.end());
  return steps;
}

}  // namespace holdfast::tool
