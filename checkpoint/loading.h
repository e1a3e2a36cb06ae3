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

  // Returns what restore() returns, which is what loads. An Error says why that came to nothing:
  // then no checkpoint is to blame. Any other exception, one that an object of the program has
  // thrown among them, or a signal, counts against the checkpoint that was being loaded.
  template <typename Restore>
  auto run(const Restore& restore) -> decltype(restore());

  // Asks Options::before_restore, then puts the checkpoint into the objects. `touched`: a damaged
  // one was put there before, and nothing of it may stay.
  void load(const CheckpointFiles& files, State& state, RestoreOptions how, bool touched);
  // True if Options::accepts takes what was loaded.
  bool accepts(const CheckpointFiles& files) const;
  // What the checkpoint is, and what all loads of this restore have changed.
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
