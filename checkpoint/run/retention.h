// Decides which checkpoints a run keeps. Pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/item/retention_policy.h>

namespace holdfast {

struct RetentionCandidate {
  std::int64_t step = 0;
  std::optional<double> metric;  // if empty, NaN or infinite, it is never among the best
  // False if its manifest cannot be read, or a file is missing or has the wrong size. Such a
  // checkpoint is never removed, and does not count as one of the last or of the best.
  bool is_complete = true;
};

// A complete candidate. Its metric is the one that the policy names, if `metrics` has it.
RetentionCandidate candidate_of(std::int64_t step, const std::map<std::string, double>& metrics,
                                const RetentionPolicy& policy);

// The steps of complete checkpoints that have a finite metric, the best first. Of two with the same
// value, the newer comes first.
std::vector<std::int64_t> best_steps(const std::vector<RetentionCandidate>& checkpoints,
                                     const RetentionPolicy& policy);

// The steps to remove, ascending. Never the newest, never one that is not complete, and never one
// in `protect`. Error(kInvalidArgument) if a count of the policy is negative.
std::vector<std::int64_t> steps_to_retire(const std::vector<RetentionCandidate>& checkpoints,
                                          const RetentionPolicy& policy,
                                          const std::vector<std::int64_t>& protect);

}  // namespace holdfast
