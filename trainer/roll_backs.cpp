#include <holdfast/trainer/roll_backs.h>

#include <algorithm>

namespace holdfast::trainer {

bool RollBacks::allows(std::int64_t step) {
  if (step > furthest_failure_) count_ = 0;
  furthest_failure_ = std::max(furthest_failure_, step);
  return most_ == 0 || ++count_ <= most_;
}

std::int64_t RollBacks::bad_checkpoint(std::int64_t step) const {
  return step == last_target_ + 1 ? last_target_ : -1;
}

}  // namespace holdfast::trainer
