// Measures time.
#pragma once

#include <chrono>

namespace holdfast::bench {

// Starts when it is constructed.
class Stopwatch {
 public:
  using Clock = std::chrono::steady_clock;

  double seconds() const { return seconds_to(Clock::now()); }
  double seconds_to(Clock::time_point end) const {
    return std::chrono::duration<double>(end - start_).count();
  }

 private:
  Clock::time_point start_ = Clock::now();
};

template <typename Action>
double seconds_of(const Action& action) {
  const Stopwatch stopwatch;
  action();
  return stopwatch.seconds();
}

}  // namespace holdfast::bench
