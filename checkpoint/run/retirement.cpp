#include <holdfast/checkpoint/run/retirement.h>

#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>

namespace holdfast {
Retirement::Retirement(RunStore& store, RetentionPolicy policy)
    : store_(store), policy_(std::move(policy)) {}

void Retirement::after_commit(std::int64_t newest, const std::map<std::string, double>& metrics,
                              const std::function<void(std::int64_t)>& retired) {
  known_[newest] = candidate_of(newest, metrics, policy_);
  apply(retired);
}

std::vector<std::int64_t> Retirement::due() {
  if (policy_.keep_last == 0) return {};
  std::vector<RetentionCandidate> candidates;
  for (const std::int64_t step : store_.steps()) candidates.push_back(look_at(step));
  if (steps_to_retire(candidates, policy_, {}).empty()) return {};
  return steps_to_retire(candidates, policy_, store_.protected_steps());
}

void Retirement::apply(const std::function<void(std::int64_t)>& retired) {
  store_.retire(due(), [&](std::int64_t step) {
    known_.erase(step);
    retired(step);
  });
}

// The candidate for a checkpoint. Reads the manifest of one that an earlier process saved. One that
// cannot be read is not remembered, as it may be readable the next time.
RetentionCandidate Retirement::look_at(std::int64_t step) {
  const auto known = known_.find(step);
  if (known != known_.end()) return known->second;
  try {
    const Directory checkpoint = store_.open(step);
    const format::Manifest manifest = read_manifest(checkpoint);
    require_complete(checkpoint, manifest);
    return known_[step] = candidate_of(step, manifest.metrics, policy_);
  } catch (const Error&) {
    return {step, std::nullopt, false};
  }
}

}  // namespace holdfast
