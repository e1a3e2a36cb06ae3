// A run directory and the checkpoints in it: what is there, how one becomes visible, how one goes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/run/run_lock.h>
#include <holdfast/checkpoint/save/pending_checkpoint.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// The run directory of the one process that writes to it: holds the run's lock from construction to
// destruction. Threads: begin, commit, withdraw, remove_withdrawn and retire may be called by
// another thread than the rest, one at a time.
class RunStore final : public CheckpointPlace {
 public:
  // Makes the directory if it is missing, takes the lock (Error(kLocked) names the holder), makes
  // what is there durable and removes, as far as it can, what an earlier process left unfinished.
  RunStore(std::shared_ptr<FileSystem> fs, const std::string& path);

  const std::string& path() const { return root_.path(); }
  const Directory& root() const { return root_; }

  // Steps that are committed, ascending. An entry named like a step that is no directory counts for
  // none, and is left alone; one that is newer than all of them is an Error(kExists) that says so:
  // nothing can be committed under its name, and the run's newest may be what it stands for.
  std::vector<std::int64_t> steps() const;
  std::vector<Error> in_the_way() const;     // run_view.h: taken_names()
  std::vector<std::int64_t> spared() const;  // those that are pinned or tagged (marks.h)
  Directory open(std::int64_t step) const;   // Error(kNotFound) if it is not there

  // Also removes what earlier saves and removals that failed left behind: no other checkpoint may
  // be pending. Error(kExists) if the step is committed, or its name taken by something else.
  PendingCheckpoint begin(std::int64_t step) override;
  // As PendingCheckpoint::commit. When it throws, the older ones are as they were.
  void commit(PendingCheckpoint pending) override;

  // Removes a checkpoint, in two steps: when withdraw() returns it is no checkpoint any more (if it
  // throws, it still is); Error(kNotFound) if it is not there. What remove_withdrawn() cannot
  // remove is tried again by the next begin(). One that was pinned or tagged meanwhile (marks.h)
  // comes back: then it returns false. That it was verified is forgotten.
  std::string withdraw(std::int64_t step);
  bool remove_withdrawn(const std::string& name);
  bool retire(std::int64_t step) { return remove_withdrawn(withdraw(step)); }
  // The same for several, and calls `retired` after each that is removed. All are withdrawn before
  // the first is removed, so that the marks are read once. Throws the first failure when all others
  // have been tried.
  void retire(const std::vector<std::int64_t>& steps,
              const std::function<void(std::int64_t)>& retired);
  // Moves a damaged checkpoint to quarantine/<name>, or <name>-2 and so on where that is taken,
  // with `reason` in <name>.reason.txt beside it. Returns the path it has now.
  std::string quarantine(std::int64_t step, const std::string& reason);
  // Moves every checkpoint newer than step to superseded/<id>/, the newest first. Returns their
  // steps, ascending. Error(kExists), before any is moved, if an entry that is no directory has the
  // name of a newer step.
  std::vector<std::int64_t> supersede_after(std::int64_t step, const std::string& id);

 private:
  void remove_leftovers();
  // Whether retention must spare the checkpoint of this step, which is in this directory by now.
  using Spares = std::function<bool(const Directory&, std::int64_t)>;
  Spares spares_read_once() const;
  bool comes_back(const std::string& name, const Spares& spares);
  void remove_files(const std::string& name);
  void forget_verification(const std::string& retired);
  void move_out(std::int64_t step, const Directory& to, const std::string& name);
  void rename_out(std::int64_t step, const Directory& to, const std::string& name);

  Directory root_;
  RunLock lock_;
  Directory checkpoints_;
};

}  // namespace holdfast
