// When a run is to be saved. Pure: the time is handed in.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace holdfast {

// Due when a multiple of `every_steps` was reached or passed, or when `every` is over, since the
// last step that was saved or restored. Steps of any size count. At the beginning, step 0 is due as
// well. A rule of 0 does not apply.
class SaveSchedule {
 public:
  using Clock = std::chrono::steady_clock;

  SaveSchedule(std::int64_t every_steps, std::chrono::duration<double> every, Clock::time_point now)
      : every_steps_(every_steps), every_(every), since_(now) {}

  bool is_due(std::int64_t step, Clock::time_point now) const;
  // The step is being saved, or was restored: both rules begin anew.
  void begin_anew(std::int64_t step, Clock::time_point now);

 private:
  std::int64_t every_steps_;
  std::chrono::duration<double> every_;
  std::optional<std::int64_t> from_;  // empty: nothing was saved or restored
  Clock::time_point since_;
};

}  // namespace holdfast
