#include <holdfast/checkpoint/run/save_tally.h>

#include <utility>

namespace holdfast {

void SaveTally::blocked(double seconds) {
  const std::lock_guard<std::mutex> lock(mutex_);
  so_far_.blocked_seconds += seconds;
}

void SaveTally::failed() {
  const std::lock_guard<std::mutex> lock(mutex_);
  so_far_.failures += 1;
}

double SaveTally::committed(const SaveReport& report) {
  const std::lock_guard<std::mutex> lock(mutex_);
  so_far_.saves += 1;
  so_far_.last_step = report.step;
  so_far_.bytes += report.bytes;
  so_far_.last_durable_seconds = report.durable_seconds;
  return so_far_.blocked_seconds - std::exchange(told_blocked_, so_far_.blocked_seconds);
}

SaveStatistics SaveTally::statistics() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return so_far_;
}

}  // namespace holdfast
