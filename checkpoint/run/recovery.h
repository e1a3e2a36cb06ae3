// Chooses the checkpoint of a run to restore, loads it, and moves damaged or newer ones out of the
// way. Internal to Checkpointer.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/log/event_teller.h>
#include <holdfast/checkpoint/log/failure_log.h>
#include <holdfast/checkpoint/run/run_store.h>

namespace holdfast {

// Copies a checkpoint's content into live objects. Throws Error(kCorrupt) if its bytes are not the
// ones that were written. `touched` is true if an earlier, failed load may have written into the
// objects: then all of them must be overwritten.
using LoadObjects = std::function<void(const CheckpointFiles&, bool touched)>;

// Called after a load. Returns false if the run must not go on from this checkpoint.
using AcceptCheckpoint = std::function<bool(const CheckpointFiles&)>;

class Recovery {
 public:
  // `store` and `teller` must outlive this object. `teller` is told of each checkpoint that is
  // moved, refused or repaired.
  Recovery(RunStore& store, EventTeller& teller, int threads);

  // Loads the newest checkpoint, or the newest that is older than step `before`. A checkpoint that
  // is proven to be damaged is moved to quarantine/, one that `accept` refuses is skipped, and in
  // both cases the next older one is tried. A damaged index is rebuilt. When one has been loaded,
  // newer checkpoints that are still there are moved to superseded/.
  //
  // Empty if the run has no checkpoint and never had one. Error(kCorrupt) if all were damaged.
  // Error(kDiverged) if `accept` refused all sound ones; they stay. Any other error moves nothing
  // more, and its message says so if the objects are in an unspecified state.
  std::optional<CheckpointFiles> load_latest(const LoadObjects& load,
                                             const AcceptCheckpoint& accept,
                                             std::optional<std::int64_t> before = std::nullopt);

  // Detects a program that fails again and again from the same checkpoint. Empty if it has failed
  // fewer than `most` times from the newest checkpoint, or if `most` is 0. Otherwise throws
  // Error(kRestartLoop), unless `older` is true: then returns the step of the newest checkpoint,
  // for load_latest(…, step) to go on from an older one. It throws even with `older` if there is no
  // older checkpoint, or if the run has gone back `most` times already without getting further
  // since.
  std::optional<std::int64_t> step_to_pass_over(const FailureLog& failures, int most,
                                                bool older) const;

  // Loads the checkpoint that `path` names, and no other. If it is one of this run, newer ones are
  // then moved to superseded/. If it is not, this run must not have had any checkpoints of its own:
  // else Error(kExists).
  CheckpointFiles load_from(const std::string& path, const LoadObjects& load);

 private:
  std::optional<CheckpointFiles> try_load(std::int64_t step, const LoadObjects& load, bool touched);
  void load_one(const CheckpointFiles& files, const std::string& path, const LoadObjects& load,
                bool& touched);
  [[noreturn]] void throw_none_is_good(std::optional<std::int64_t> passed_over,
                                       const std::vector<std::int64_t>& refused) const;
  void quarantine(std::int64_t step, const std::vector<Damage>& damage);
  void set_aside_after(std::int64_t step);
  void mend_index(const CheckpointFiles& files);

  RunStore& store_;
  EventTeller& teller_;
  int threads_;
};

}  // namespace holdfast
