// Which checkpoints a run keeps. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/retention_policy.h>

namespace holdfast {

struct RetentionCandidate {
  std::int64_t step = 0;
  std::optional<double> metric;  // absent, NaN or infinite: never among the best
  // False: its manifest or another of its files is not there as it was written. It stays, and takes
  // nobody's place among those that are kept.
  bool is_complete = true;
};

// With the policy's metric, if it names one and that is among these.
RetentionCandidate candidate_of(std::int64_t step, const std::map<std::string, double>& metrics,
                                const RetentionPolicy& policy);

// Those that have a finite value of the policy's metric, the best first; of equals the newer.
std::vector<std::int64_t> best_steps(const std::vector<RetentionCandidate>& checkpoints,
                                     const RetentionPolicy& policy);

// The steps to remove, ascending. Never the newest, never one that is not complete, and never one
// of `protect`. Equal metrics: the newer is the better.
std::vector<std::int64_t> steps_to_retire(const std::vector<RetentionCandidate>& checkpoints,
                                          const RetentionPolicy& policy,
                                          const std::vector<std::int64_t>& protect);

}  // namespace holdfast
