#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/run/retention.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace holdfast {
namespace {

using Candidates = std::vector<RetentionCandidate>;

void check_count(int count, const std::string& option) {
  if (count >= 0) return;
  throw Error(ErrorKind::kInvalidArgument, "the retention policy has a negative " + option)
      .expected("0 or more")
      .found(std::to_string(count));
}

bool can_be_best(const RetentionCandidate& candidate) {
  return candidate.is_complete && candidate.metric && std::isfinite(*candidate.metric);
}

Candidates newest_first(Candidates checkpoints) {
  std::sort(checkpoints.begin(), checkpoints.end(),
            [](const auto& a, const auto& b) { return a.step > b.step; });
  return checkpoints;
}

}  // namespace

RetentionCandidate candidate_of(std::int64_t step, const std::map<std::string, double>& metrics,
                                const RetentionPolicy& policy) {
  const auto metric = policy.metric.empty() ? metrics.end() : metrics.find(policy.metric);
  if (metric == metrics.end()) return {step, std::nullopt, true};
  return {step, metric->second, true};
}

std::vector<std::int64_t> best_steps(const std::vector<RetentionCandidate>& checkpoints,
                                     const RetentionPolicy& policy) {
  Candidates ranked = newest_first(checkpoints);
  ranked.erase(std::remove_if(ranked.begin(), ranked.end(),
                              [](const auto& candidate) { return !can_be_best(candidate); }),
               ranked.end());
  std::stable_sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    return policy.higher_is_better ? *a.metric > *b.metric : *a.metric < *b.metric;
  });
  std::vector<std::int64_t> steps;
  for (const RetentionCandidate& candidate : ranked) steps.push_back(candidate.step);
  return steps;
}

std::vector<std::int64_t> steps_to_retire(const std::vector<RetentionCandidate>& checkpoints,
                                          const RetentionPolicy& policy,
                                          const std::vector<std::int64_t>& protect) {
  check_count(policy.keep_last, "keep_last");
  check_count(policy.keep_best, "keep_best");
  if (policy.keep_last == 0) return {};
  const Candidates newest = newest_first(checkpoints);
  const std::vector<std::int64_t> best = best_steps(checkpoints, policy);

  std::set<std::int64_t> kept(protect.begin(), protect.end());
  int last = 0;
  for (const RetentionCandidate& one : newest)
    if (!one.is_complete || last++ < policy.keep_last) kept.insert(one.step);
  const std::size_t best_kept = std::min(static_cast<std::size_t>(policy.keep_best), best.size());
  kept.insert(best.begin(), best.begin() + static_cast<std::ptrdiff_t>(best_kept));

  std::vector<std::int64_t> retired;
  for (auto it = newest.rbegin(); it != newest.rend(); ++it) {
    if (kept.count(it->step) == 0) retired.push_back(it->step);
  }
  return retired;
}

}  // namespace holdfast
