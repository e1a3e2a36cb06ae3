// At which steps a run is killed. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace holdfast::tool {

// The steps that a kill may be drawn from: what the uninterrupted run has shown.
struct StepRange {
  std::int64_t first = 1;
  std::int64_t last = 0;  // included; less than `first`: there are none

  bool empty() const { return last < first; }
};

// `count` distinct steps of the range, ascending, one drawn from each of as many equal parts of it;
// all of them where it has no more. The same with every compiler for the same arguments.
std::vector<std::int64_t> draw_kill_steps(StepRange range, int count, std::uint64_t seed);

// As they are given: ascending, each once.
std::vector<std::int64_t> given_kill_steps(std::vector<std::int64_t> steps);

}  // namespace holdfast::tool
