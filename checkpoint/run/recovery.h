// Which checkpoint of a run is put back, and what becomes of the others. Internal to Checkpointer.
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

// Puts a checkpoint's content into live objects. Throws kCorrupt where its bytes are not what was
// written. `touched`: an earlier load that failed may have written into them, so all of them must
// be overwritten.
using Load = std::function<void(const CheckpointFiles&, bool touched)>;

// Asked after a load: false if the run is not to go on from it.
using Accept = std::function<bool(const CheckpointFiles&)>;

class Recovery {
 public:
  // Both outlive the recovery. `teller` is told what happens to checkpoints.
  Recovery(RunStore& store, EventTeller& teller, int threads);

  // Loads the newest checkpoint, or the newest that is older than `before`. One that is proven to
  // be damaged is quarantined, one that is not accepted is passed by, and the next older is taken;
  // a damaged index is rebuilt. Newer ones that are left are then set aside. Any other error moves
  // nothing, and says so if the objects are in an unspecified state. Empty: the run has no
  // checkpoint and never had one. Error(kCorrupt): none was sound. Error(kDiverged): none that is
  // sound was accepted, and all stay.
  std::optional<CheckpointFiles> load_latest(const Load& load, const Accept& accept,
                                             std::optional<std::int64_t> before = std::nullopt);

  // Where the program has failed `most` times from the newest checkpoint: Error(kRestartLoop), or,
  // with `older`, the step of that checkpoint, which is to be passed over: load_latest(…, step).
  // The error too if there is no older one, or if the run was passed over to an older one as often
  // and has not got beyond since. Else empty.
  std::optional<std::int64_t> step_to_pass_over(const FailureLog& failures, int most,
                                                bool older) const;

  // Loads the checkpoint that is called `path`; nothing else will do. Newer ones of this run are
  // then set aside. One of another run is taken only while this run has none: Error(kExists).
  CheckpointFiles load_from(const std::string& path, const Load& load);

 private:
  std::optional<CheckpointFiles> try_load(std::int64_t step, const Load& load, bool touched);
  void load_one(const CheckpointFiles& files, const std::string& path, const Load& load,
                bool& touched);
  void set_aside_what_is_newer(std::int64_t step);
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
