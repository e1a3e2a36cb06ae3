#include <holdfast/checkpoint/retirement.h>

#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/members.h>

namespace holdfast {
Retirement::Retirement(RunStore& store, RetentionPolicy policy)
    : store_(store), policy_(std::move(policy)) {}

void Retirement::after_commit(std::int64_t newest, const std::map<std::string, double>& metrics,
                              const std::function<void(std::int64_t)>& retired) {
  metrics_[newest] = candidate_of(newest, metrics, policy_).metric;
  apply(retired);
}

std::vector<std::int64_t> Retirement::due() {
  std::vector<RetentionCandidate> candidates;
  for (const std::int64_t step : store_.steps()) candidates.push_back({step, metric_of(step)});
  if (steps_to_retire(candidates, policy_, {}).empty()) return {};
  return steps_to_retire(candidates, policy_, store_.spared());
}

void Retirement::apply(const std::function<void(std::int64_t)>& retired) {
  for (const std::int64_t step : due()) {
    if (!store_.retire(step)) continue;
    metrics_.erase(step);
    retired(step);
  }
}

// Of a checkpoint of an earlier process: from its manifest. One that cannot be read has none.
std::optional<double> Retirement::metric_of(std::int64_t step) {
  if (policy_.keep_best == 0) return std::nullopt;
  const auto known = metrics_.find(step);
  if (known != metrics_.end()) return known->second;
  std::optional<double> metric;
  try {
    metric = candidate_of(step, read_manifest(store_.open(step)).metrics, policy_).metric;
  } catch (const Error&) {
    return std::nullopt;
  }
  metrics_[step] = metric;
  return metric;
}

}  // namespace holdfast
