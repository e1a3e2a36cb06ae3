// Which steps of a run are committed, which one is being saved, and which may be saved next.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/run/run_store.h>

namespace holdfast {

// Methods are for the thread that trains, except those that say "any thread".
class SaveLedger {
 public:
  using Metrics = std::map<std::string, double>;

  explicit SaveLedger(const RunStore& store);  // which outlives this

  // Committed steps, ascending. Any thread.
  std::vector<std::int64_t> committed() const;
  // The step that was saved or restored last, or is being saved. Empty: none, or its save failed.
  std::optional<std::int64_t> newest_request() const { return requested_; }
  // True if the step is committed or being saved: there is nothing left to save of it.
  bool has(std::int64_t step) const;

  // Error(kInvalidArgument): has(step) without one of these metrics, or with another value. A
  // checkpoint does not change once it is committed, and they would be lost.
  void require_kept(std::int64_t step, const Metrics& metrics) const;
  // Error(kInvalidArgument): the run has checkpoints and none was restored, or the step is not
  // newer than all that are committed or being saved.
  void require_may_save(std::int64_t step) const;

  // The step is being saved.
  void begin(std::int64_t step, const Metrics& metrics);
  // Its save has failed, and it may be saved again. Returns the step; empty: none was being saved.
  std::optional<std::int64_t> fail();
  // The run goes on from a checkpoint of its own. Others may have been moved out of the way.
  void restored(std::int64_t step, const Metrics& metrics);

  // The step is committed. Lists the run again: an earlier save that failed may have left a whole
  // checkpoint that it could not take back, and this commit has made it durable. Where the run
  // cannot be listed, adds the step alone. Any thread.
  void commit(std::int64_t step);
  void retire(std::int64_t step);  // any thread

 private:
  Metrics kept_metrics(std::int64_t step) const;

  const RunStore& store_;
  mutable std::mutex mutex_;             // guards committed_
  std::vector<std::int64_t> committed_;  // with room for one more while a step is being saved
  bool may_save_;                        // the run was empty, or a checkpoint of it was restored
  std::optional<std::int64_t> requested_;
  Metrics metrics_;  // of requested_
};

}  // namespace holdfast
