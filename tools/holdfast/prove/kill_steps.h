// Chooses the steps at which a run is killed. Pure functions.
#pragma once

#include <cstdint>
#include <vector>

namespace holdfast::tool {

// The steps among which kills are drawn. The uninterrupted run has shown which there are.
struct StepRange {
  std::int64_t first = 1;
  std::int64_t last = 0;  // included; if less than `first`, the range is empty

  bool empty() const { return last < first; }
};

// `count` distinct steps, ascending: the range is divided into `count` equal parts, and one step is
// drawn from each. If the range has fewer steps, all of them. The same arguments give the same
// steps with every compiler.
std::vector<std::int64_t> draw_kill_steps(StepRange range, int count, std::uint64_t seed);

// The given steps, sorted and without duplicates.
std::vector<std::int64_t> given_kill_steps(std::vector<std::int64_t> steps);

}  // namespace holdfast::tool
