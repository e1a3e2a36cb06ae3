// A run directory as its one writer sees it: lists, commits, removes and sets aside checkpoints.
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

// Holds the run's lock from construction to destruction. Threads: begin(), commit(), withdraw(),
// remove_withdrawn() and retire() may be called by another thread than the other functions, one
// call at a time.
class RunStore final : public CheckpointPlace {
 public:
  // Makes the directory if it is missing and takes the lock (Error(kLocked) names the holder). Then
  // makes existing names of checkpoints durable, and tries to remove what an earlier process left
  // unfinished.
  RunStore(std::shared_ptr<FileSystem> fs, const std::string& path);

  const std::string& path() const { return root_.path(); }
  const Directory& root() const { return root_; }

  // The committed steps, ascending. A file or link that is named like a step is not counted and is
  // left alone. If its step is newer than all committed ones, throws Error(kExists): nothing can be
  // committed under that name, and the link may lead to the run's newest checkpoint.
  std::vector<std::int64_t> steps() const;
  std::vector<Error> in_the_way() const;              // taken_names() of run_view.h
  std::vector<std::int64_t> protected_steps() const;  // those that are pinned or tagged
  Directory open(std::int64_t step) const;  // Error(kNotFound) if there is no such checkpoint

  // Starts a checkpoint. Also removes what failed saves and removals left behind, so no other
  // checkpoint may be pending. Error(kExists) if the step is committed already, or if its name is
  // taken by something else.
  PendingCheckpoint begin(std::int64_t step) override;
  // Calls PendingCheckpoint::commit(). If it throws, the older checkpoints are unchanged.
  void commit(PendingCheckpoint pending) override;

  // Remove a checkpoint in two steps. withdraw() renames it, so that it is a checkpoint no more,
  // and returns its new name. If it throws, the checkpoint is still there; Error(kNotFound) if
  // there is none of this step. remove_withdrawn() takes that name and removes the files, and the
  // note that the checkpoint was verified. It brings the checkpoint back and returns false if it
  // was pinned or tagged meanwhile. Files that it cannot remove are tried again by the next
  // begin().
  std::string withdraw(std::int64_t step);
  bool remove_withdrawn(const std::string& name);
  bool retire(std::int64_t step) { return remove_withdrawn(withdraw(step)); }
  // Does the same for several checkpoints, and calls `retired` after each that was removed. All are
  // withdrawn before the first is removed, so that the marks are read once. Throws the first
  // failure after all others have been tried.
  void retire(const std::vector<std::int64_t>& steps,
              const std::function<void(std::int64_t)>& retired);
  // Moves a damaged checkpoint to quarantine/<name>, or to <name>-2 and so on if that name is
  // taken, and writes `reason` to <name>.reason.txt beside it. Returns the new path.
  std::string quarantine(std::int64_t step, const std::string& reason);
  // Moves every checkpoint that is newer than `step` to superseded/<id>/, the newest first. Returns
  // their steps, ascending. Error(kExists), before anything is moved, if a file or a link has the
  // name of a newer step.
  std::vector<std::int64_t> supersede_after(std::int64_t step, const std::string& id);

 private:
  void remove_leftovers();
  // Whether a mark protects the checkpoint of this step, which is in this directory by now.
  using IsProtected = std::function<bool(const Directory&, std::int64_t)>;
  IsProtected read_marks_once() const;
  bool comes_back(const std::string& name, const IsProtected& is_protected);
  void remove_files(const std::string& name);
  void forget_verification(const std::string& retired);
  void rename_out(std::int64_t step, const Directory& to, const std::string& name);

  Directory root_;
  RunLock lock_;
  Directory checkpoints_;
};

}  // namespace holdfast
