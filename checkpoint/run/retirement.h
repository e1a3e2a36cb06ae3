// Removes the checkpoints of a run that its retention policy does not keep.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/run/retention.h>
#include <holdfast/checkpoint/run/run_store.h>

namespace holdfast {

// Used by one thread.
class Retirement {
 public:
  Retirement(RunStore& store, RetentionPolicy policy);  // `store` must outlive this object

  // Call when checkpoint `newest` has become durable; `metrics` are those in its manifest. Then
  // does what apply() does.
  void after_commit(std::int64_t newest, const std::map<std::string, double>& metrics,
                    const std::function<void(std::int64_t)>& retired);

  // The steps to remove now, ascending: those that the policy does not keep and that are neither
  // pinned nor tagged. Checkpoints that are not complete stay and do not count.
  std::vector<std::int64_t> due();
  // Removes the checkpoints of due() and calls `retired` after each. If removals fail, tries the
  // others and then throws the first error; the next call tries again.
  void apply(const std::function<void(std::int64_t)>& retired);

 private:
  RetentionCandidate look_at(std::int64_t step);

  RunStore& store_;
  RetentionPolicy policy_;
  std::map<std::int64_t, RetentionCandidate> known_;  // by step; only complete checkpoints
};

}  // namespace holdfast
