// A checkpoint that is being written, and how it becomes visible.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// A directory under a name that no reader looks at. Movable; destroyed without commit, it is
// removed as far as that is possible.
class PendingCheckpoint {
 public:
  // Makes the directory `name` in parent.
  PendingCheckpoint(Directory parent, std::string name, std::int64_t step);
  PendingCheckpoint(PendingCheckpoint&&) noexcept;
  PendingCheckpoint& operator=(PendingCheckpoint&&) = delete;
  ~PendingCheckpoint();

  const Directory& directory() const { return *directory_; }
  std::int64_t step() const { return step_; }

  // The commit protocol (see the numbered comment in pending_checkpoint.cpp): the checkpoint gets
  // the name `name` in parent. All its files must be written and fsynced by their writer. When it
  // returns, the checkpoint is durable; when it throws (Error(kExists): something has the name),
  // the checkpoint is gone once this is destroyed, or, if the disk failed that too, it is a whole
  // one that was not reported.
  void commit(const std::string& name);

 private:
  std::unique_ptr<Directory> parent_, directory_;  // null once moved from
  std::string name_;
  std::int64_t step_;
  bool stays_ = false;
};

// Where checkpoints are to be: a run (RunStore), or a place of its own.
class CheckpointPlace {
 public:
  virtual ~CheckpointPlace() = default;

  // Error(kExists) if the name that the checkpoint is to have is taken.
  virtual PendingCheckpoint begin(std::int64_t step) = 0;
  // As PendingCheckpoint::commit.
  virtual void commit(PendingCheckpoint pending) = 0;
};

}  // namespace holdfast
