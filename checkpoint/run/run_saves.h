// The saves of a training: when one is due, the one that is in flight, and what follows from it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/forks.h>
#include <holdfast/checkpoint/item/retention_policy.h>
#include <holdfast/checkpoint/log/event_teller.h>
#include <holdfast/checkpoint/log/failure_account.h>
#include <holdfast/checkpoint/run/retirement.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/run/save_ledger.h>
#include <holdfast/checkpoint/run/save_schedule.h>
#include <holdfast/checkpoint/run/save_statistics.h>
#include <holdfast/checkpoint/run/save_tally.h>
#include <holdfast/checkpoint/save/saver.h>

namespace holdfast {

struct RunSavesOptions {
  std::int64_t every_steps = 0;  // both as SaveSchedule has them
  std::chrono::duration<double> every{0};
  RetentionPolicy retention;
  SaverOptions saver;
  bool asynchronous = true;      // false: save() returns when the checkpoint is durable
  bool skips_when_busy = false;  // save() begins nothing while one is in flight; false: it waits
  // Gets a failure of the save in flight, which is then not thrown. May be empty.
  std::function<void(const Error&)> on_error;
};

// Saves one checkpoint at a time in the background. After each commit it lists the steps again,
// forgets the failures of older ones, tells events::Save, and retires what need not be kept any
// more: on the background thread. A save that fails is told as events::SaveFailed and counts as no
// failure of the program. The next call throws its Error, or hands it to on_error. Methods are for
// the thread that trains.
class RunSaves {
 public:
  using Metrics = SaveLedger::Metrics;
  // Makes all of the job but after_commit. `used`: the items of the save before, for their memory.
  using MakeJob = std::function<SaveJob(std::vector<Item> used)>;

  // The first three outlive this.
  RunSaves(RunStore& store, EventTeller& teller, FailureAccount& failures, RunSavesOptions options);

  // As SaveSchedule; false for the step that was saved or restored last.
  bool is_due(std::int64_t step) const;
  // The run goes on from a checkpoint of its own.
  void restored(std::int64_t step, const Metrics& metrics);

  // True if a save was begun; false if the step is committed or in flight already, or if one was
  // skipped. Error(kInvalidArgument): SaveLedger::require_kept() and require_may_save().
  bool save(std::int64_t step, const Metrics& metrics, const MakeJob& make_job);
  void finish_staging();                                   // as Saver's
  void wait();                                             // until nothing is in flight
  bool has_finished() const { return saver_.finished(); }  // wait() does not have to

  std::vector<std::int64_t> steps() const { return ledger_.committed(); }
  SaveStatistics statistics() const { return tally_.statistics(); }
  std::optional<SaveProgress> in_flight() const;

 private:
  void begin(std::int64_t step, const Metrics& metrics, const MakeJob& make_job);
  void follow_up(const SaveReport& report, const Metrics& metrics);
  void retire(std::int64_t newest, const Metrics& metrics);
  template <typename Work>
  void block(const Work& work);

  const OwnerProcess owner_;
  RunStore& store_;
  EventTeller& teller_;
  FailureAccount& failures_;
  const RunSavesOptions options_;
  SaveSchedule schedule_;
  SaveLedger ledger_;
  SaveTally tally_;
  Retirement retirement_;
  Saver saver_;  // its background thread uses what stands above
};

}  // namespace holdfast
