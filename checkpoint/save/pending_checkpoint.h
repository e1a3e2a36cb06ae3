// A checkpoint that no reader sees yet, and the commit that makes it visible.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// A new directory under a name that no reader looks at. Movable. If it is destroyed before a
// commit, it removes the directory where it can.
class PendingCheckpoint {
 public:
  // Makes the directory `name` in `parent`.
  PendingCheckpoint(Directory parent, std::string name, std::int64_t step);
  PendingCheckpoint(PendingCheckpoint&&) noexcept;
  PendingCheckpoint& operator=(PendingCheckpoint&&) = delete;
  ~PendingCheckpoint();

  const Directory& directory() const { return *directory_; }
  std::int64_t step() const { return step_; }

  // Gives the directory the name `name` in `parent`, by the protocol that pending_checkpoint.cpp
  // numbers. All files in it must be durable. When it returns, the checkpoint is durable. When it
  // throws (Error(kExists): the name is taken), nothing is committed; only if the disk also fails
  // the undoing, a whole checkpoint may stay that was not reported.
  void commit(const std::string& name);

 private:
  std::unique_ptr<Directory> parent_, directory_;  // null once moved from
  std::string name_;
  std::int64_t step_;
  bool stays_ = false;
};

// Where checkpoints go: a run (RunStore), or a directory of any name (write_checkpoint.h). Both
// methods are called on a saver's background thread, for one checkpoint at a time.
class CheckpointPlace {
 public:
  virtual ~CheckpointPlace() = default;

  // Makes the pending directory. Error(kExists) if the name that the commit will give is taken.
  virtual PendingCheckpoint begin(std::int64_t step) = 0;
  // Commits it (PendingCheckpoint::commit) under its name in this place.
  virtual void commit(PendingCheckpoint pending) = 0;
};

}  // namespace holdfast
