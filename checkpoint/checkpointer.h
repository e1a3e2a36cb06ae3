// The front door of a run: saves its state while it trains, and puts it back after a failure.
//
//   holdfast::State state;
//   state.model("mlp", net).optimizer("adam", adam).rng();
//   holdfast::Checkpointer checkpoints("runs/mlp");
//   std::int64_t step = 0;
//   if (const auto resumed = checkpoints.restore_latest(state)) step = resumed->step;
//   while (step < steps) {
//     train_one_step();
//     checkpoints.completed(++step);
//     if (checkpoints.due(step)) checkpoints.save(step, state);
//   }
//   checkpoints.wait();
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/options.h>
#include <holdfast/checkpoint/run/journal.h>
#include <holdfast/checkpoint/run/save_statistics.h>
#include <holdfast/checkpoint/state/restore.h>
#include <holdfast/checkpoint/state/state.h>

namespace holdfast {

// The one writer of a run directory. Not for use by several threads at once. All methods throw
// Error.
//
// A process that is forked from this one (fork(2) without an exec: a data worker, say) has a copy,
// which does nothing and holds nothing: neither the run's lock, nor its files, nor a save in
// flight. Its destructor is silent, run_id() and path() answer, and every other call is an
// Error(kInvalidArgument). Reader, and a Checkpointer of its own for another run, work there.
class Checkpointer {
 public:
  // Opens the run directory or makes it, and takes its lock: Error(kLocked) if another process has
  // it.
  explicit Checkpointer(const std::string& run, Options options = {});
  // Waits for the save in flight. If that fails and nobody heard of it, options.on_error is told.
  // Counts a failure if an exception ends its scope.
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Committed steps, ascending.
  std::vector<std::int64_t> steps() const;
  // Puts the newest sound checkpoint into the registered objects. One that is proven damaged is
  // moved to the run's quarantine and the next older is taken. Empty: there is none and never was.
  // Error(kMismatch) lists every name, dtype and shape that does not fit; nothing was changed then.
  // After any error during the reading itself the state is unspecified. May be called again, to go
  // back to what was saved last. Resumed::load says what was put back, and what `options` let pass.
  // Error(kRestartLoop): Options::max_failures.
  std::optional<Resumed> restore_latest(State& state, const RestoreOptions& options = {});

  // Puts just this checkpoint back, named as for locate_checkpoint() ("runs/a@best"): of this run
  // (newer ones are then set aside in superseded/) or of another run, while this one has none of
  // its own. Never falls back to another. But where the same job (protocol/job.h) has done so
  // before, its restart goes on: by restore_latest(), and Resumed::had_gone_back says so.
  Resumed restore(const std::string& checkpoint, State& state, const RestoreOptions& options = {});

  // Tells that so many optimizer steps are completed, to whoever supervises the training
  // (protocol/proving.h); a loop calls it after each step. restore_latest(), restore() and save()
  // tell their step by themselves, so a loop that never calls this is heard of when it saves. Costs
  // nothing where nobody listens. Error(kInvalidArgument): the step is negative.
  void completed(std::int64_t step);

  // True if the policy wants the state after `step` completed steps to be saved: a multiple of
  // Options::every_steps was reached or passed, or the time is over, since the last step that was
  // restored or that save() has begun. Changes nothing and tells nobody. Error(kInvalidArgument):
  // the step is negative.
  bool due(std::int64_t step) const;

  // Saves; returns as soon as training may go on and change the state. `metrics` go into the
  // manifest (retention's metric among them). True if a save was begun; false if the step is
  // committed or in flight already, or if one was skipped (Options::when_busy). A failure of the
  // save before is thrown here, and then nothing is begun. What an object's save() throws is nested
  // in the Error (stateful.h). Error(kInvalidArgument): the run has checkpoints and none was
  // restored; `step` is negative or not newer; or it is committed or in flight without some of
  // these `metrics`, which would be lost: a checkpoint does not change.
  bool save(std::int64_t step, const State& state,
            const std::map<std::string, double>& metrics = {});

  // With Options::overlap: call it ahead of optimizer.step(), and of whatever else writes to
  // parameters or optimizer state (clipping is fine; moving averages are not). It waits until the
  // save in flight has its copy. Without overlap it returns at once.
  void before_step();

  // Waits until the save in flight is durable; throws why not.
  void wait();

  // A file <run>/<name> whose content up to a save is committed with it, and cut back by a restore.
  // Owned by the checkpointer.
  Journal& journal(const std::string& name);

  // Counts a failure of the program's own (Options::max_failures) from which it recovers itself, by
  // restore_latest(), or which it is about to end by.
  void count_failure(const std::string& reason);
  // The same, for the handler of a signal that ends the process (SIGSEGV, SIGABRT…): safe there.
  void note_fatal_signal(int signal) noexcept;

  SaveStatistics statistics() const;
  std::optional<SaveProgress> in_flight() const;
  const std::string& run_id() const;
  const std::string& path() const;

 private:
  struct Parts;
  Parts& own() const;  // Error(kInvalidArgument) in a child
  std::unique_ptr<Parts> parts_;
};

}  // namespace holdfast
