// Measures how fast a run is.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace holdfast::trainer {

// Rates are averages over the last ten seconds; over the last two marks if these are farther apart.
// Takes a bounded amount of memory, however often mark() is called.
class RateMeter {
 public:
  // `time` is in seconds, of a clock that never goes back. `step` and `samples` are totals so far.
  void mark(double time, std::int64_t step, std::int64_t samples);

  // Both are empty until there are two marks at different times.
  std::optional<double> steps_per_second() const;
  std::optional<double> samples_per_second() const;

 private:
  struct Mark {
    double time = 0;
    std::int64_t step = 0;
    std::int64_t samples = 0;
  };
  std::optional<double> rate_of(std::int64_t Mark::*total) const;

  std::deque<Mark> marks_;
};

}  // namespace holdfast::trainer
