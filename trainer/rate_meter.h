// How fast a run is, over the last seconds.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace holdfast::trainer {

// Averages over the last ten seconds, or over the last two marks where they are farther apart.
// Memory stays bounded however often it is marked.
class RateMeter {
 public:
  // Times are seconds of a clock that never goes back; step and samples are running totals.
  void mark(double time, std::int64_t step, std::int64_t samples);

  // Empty before there are two marks at different times.
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
