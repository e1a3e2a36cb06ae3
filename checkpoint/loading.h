// How a Checkpointer puts checkpoints into a state, and what it remembers of that. Internal to it.
#pragma once

#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/log/failure_account.h>
#include <holdfast/checkpoint/options.h>
#include <holdfast/checkpoint/state/object_failure.h>
#include <holdfast/checkpoint/state/restore.h>
#include <holdfast/checkpoint/state/state.h>

namespace holdfast {

// A restore may load several checkpoints, one after the other, until one is sound and accepted.
class Loading {
 public:
  Loading(const Options& options, FailureAccount& failures);  // both outlive this

  // Calls restore(), which loads, and returns what it returns. If it throws an Error, nothing was
  // restored and no checkpoint is to blame. Any other exception, or a signal, counts as a failure
  // from the checkpoint that was being loaded; so does an exception of one of the program's
  // objects, which is nested in an Error.
  template <typename Restore>
  auto run(const Restore& restore) -> decltype(restore());

  // Asks Options::before_restore, then puts the checkpoint into the objects. `touched`: a damaged
  // checkpoint was loaded into them before, so all of them must be overwritten.
  void load(const CheckpointFiles& files, State& state, RestoreOptions how, bool touched);
  // What Options::accepts says of the checkpoint that was loaded. True if there is no such
  // function.
  bool accepts(const CheckpointFiles& files) const;
  // A description of the checkpoint, with all that the loads of this restore have changed.
  Resumed resumed(const CheckpointFiles& files) const;

 private:
  const Options& options_;
  FailureAccount& failures_;
  LoadReport report_;                     // of the last load
  std::vector<ModeChange> mode_changes_;  // of all loads of the restore
};

template <typename Restore>
auto Loading::run(const Restore& restore) -> decltype(restore()) {
  mode_changes_.clear();
  try {
    return restore();
  } catch (const Error& error) {
    if (!holds_failure_of_program(error)) failures_.not_loaded();
    throw;
  }
}

}  // namespace holdfast
