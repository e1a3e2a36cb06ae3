// Decides how often, and to which checkpoint, a run may go back after a loss that is not finite.
#pragma once

#include <cstdint>

namespace holdfast::trainer {

// Only keeps count; the caller restores the checkpoints.
class RollBacks {
 public:
  // `most`: how often the run may go back without getting further than before; 0: no limit.
  explicit RollBacks(std::int64_t most) : most_(most) {}

  // Call it when the loss of `step` is not finite. Returns false if the run has gone back `most`
  // times since it got further than at all such losses before. Checkpoints that were saved
  // meanwhile do not count as getting further.
  bool allows(std::int64_t step);

  // The checkpoint that the run must not go back to, now that the loss of `step` is not finite; -1
  // if it may go back to any. If the run has just gone back to a checkpoint, and its very next loss
  // is not finite with another batch either, then the checkpoint itself is bad.
  std::int64_t bad_checkpoint(std::int64_t step) const;

  // Call it after the run has gone back to the checkpoint of this step.
  void went_back_to(std::int64_t step) { last_target_ = step; }

 private:
  std::int64_t most_;
  std::int64_t last_target_ = -1;       // the checkpoint of the last roll-back
  std::int64_t furthest_failure_ = -1;  // the highest step whose loss was not finite
  std::int64_t count_ = 0;              // roll-backs since the run got further than that
};

}  // namespace holdfast::trainer
