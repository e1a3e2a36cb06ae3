#include <holdfast/checkpoint/run/save_schedule.h>

namespace holdfast {

bool SaveSchedule::is_due(std::int64_t step, Clock::time_point now) const {
  if (every_steps_ > 0) {
    const bool is_reached =
        from_ ? step / every_steps_ > *from_ / every_steps_ : step == 0 || step >= every_steps_;
    if (is_reached) return true;
  }
  return every_.count() > 0 && now - since_ >= every_;
}

void SaveSchedule::begin_anew(std::int64_t step, Clock::time_point now) {
  from_ = step;
  since_ = now;
}

}  // namespace holdfast
