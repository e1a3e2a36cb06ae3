// Removes the checkpoints that a run need not keep any more.
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

// For one thread.
class Retirement {
 public:
  Retirement(RunStore& store, RetentionPolicy policy);  // the store outlives this

  // `newest` is durable, with these metrics: as apply().
  void after_commit(std::int64_t newest, const std::map<std::string, double>& metrics,
                    const std::function<void(std::int64_t)>& retired);

  // What the policy does not keep, ascending; what is pinned or tagged stays, and what is not
  // complete, which takes nobody's place.
  std::vector<std::int64_t> due();
  // Removes that, and calls `retired` after each. Throws the first failure of a removal once all
  // others were tried; what is left is tried the next time.
  void apply(const std::function<void(std::int64_t)>& retired);

 private:
  RetentionCandidate look_at(std::int64_t step);

  RunStore& store_;
  RetentionPolicy policy_;
  std::map<std::int64_t, RetentionCandidate> known_;  // by step, those that are complete
};

}  // namespace holdfast
