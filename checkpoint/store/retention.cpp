#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/store/retention.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace holdfast {
namespace {

using Candidates = std::vector<RetentionCandidate>;

void check_count(int count, const char* option) {
  if (count >= 0) return;
  throw Error(ErrorKind::kInvalidArgument, std::string("the retention policy's ") + option)
      .expected("0 or more")
      .found(std::to_string(count));
}

std::size_t at_most(int count, const Candidates& candidates) {
  return std::min(static_cast<std::size_t>(count), candidates.size());
}

bool has_metric(const RetentionCandidate& candidate) {
  return candidate.metric && !std::isnan(*candidate.metric);
}

// Best first.
Candidates ranked(const Candidates& newest_first, bool higher_is_better) {
  Candidates ranked;
  std::copy_if(newest_first.begin(), newest_first.end(), std::back_inserter(ranked), has_metric);
  std::stable_sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    return higher_is_better ? *a.metric > *b.metric : *a.metric < *b.metric;
  });
  return ranked;
}

void keep_first(const Candidates& candidates, std::size_t count, std::set<std::int64_t>& kept) {
  for (std::size_t i = 0; i < count; ++i) kept.insert(candidates[i].step);
}

}  // namespace

std::vector<std::int64_t> steps_to_retire(const std::vector<RetentionCandidate>& checkpoints,
                                          const RetentionPolicy& policy,
                                          const std::vector<std::int64_t>& protect) {
  check_count(policy.keep_last, "keep_last");
  check_count(policy.keep_best, "keep_best");
  if (policy.keep_last == 0) return {};
  Candidates newest_first = checkpoints;
  std::sort(newest_first.begin(), newest_first.end(),
            [](const auto& a, const auto& b) { return a.step > b.step; });
  const Candidates best_first = ranked(newest_first, policy.higher_is_better);

  std::set<std::int64_t> kept(protect.begin(), protect.end());
  keep_first(newest_first, at_most(policy.keep_last, newest_first), kept);
  keep_first(best_first, at_most(policy.keep_best, best_first), kept);

  std::vector<std::int64_t> retired;
  for (auto it = newest_first.rbegin(); it != newest_first.rend(); ++it) {
    if (kept.count(it->step) == 0) retired.push_back(it->step);
  }
  return retired;
}

}  // namespace holdfast
