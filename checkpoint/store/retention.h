// Which checkpoints a run keeps. Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast {

struct RetentionPolicy {
  int keep_last = 3;   // the newest N; 0: keep all
  int keep_best = 0;   // the N best by `metric`, as well
  std::string metric;  // name in the manifest's metrics; needed if keep_best > 0
  bool higher_is_better = true;
};

struct RetentionCandidate {
  std::int64_t step = 0;
  std::optional<double> metric;  // absent or NaN: never among the best
};

// The steps to remove, ascending. Never the newest, and never one of `protect`. Equal metrics: the
// newer is the better.
std::vector<std::int64_t> steps_to_retire(const std::vector<RetentionCandidate>& checkpoints,
                                          const RetentionPolicy& policy,
                                          const std::vector<std::int64_t>& protect);

}  // namespace holdfast
