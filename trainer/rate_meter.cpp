#include <holdfast/trainer/rate_meter.h>

namespace holdfast::trainer {
namespace {

constexpr double kWindowSeconds = 10;
constexpr double kSpacingSeconds = 0.1;  // a mark closer to the one before replaces it

}  // namespace

void RateMeter::mark(double time, std::int64_t step, std::int64_t samples) {
  const std::size_t count = marks_.size();
  if (count >= 2 && marks_[count - 1].time - marks_[count - 2].time < kSpacingSeconds) {
    marks_.pop_back();
  }
  marks_.push_back({time, step, samples});
  while (marks_.size() > 2 && time - marks_[1].time >= kWindowSeconds) marks_.pop_front();
}

std::optional<double> RateMeter::steps_per_second() const {
  return rate_of(&Mark::step);
}

std::optional<double> RateMeter::samples_per_second() const {
  return rate_of(&Mark::samples);
}

std::optional<double> RateMeter::rate_of(std::int64_t Mark::*total) const {
  if (marks_.size() < 2) return std::nullopt;
  const double seconds = marks_.back().time - marks_.front().time;
  if (seconds <= 0) return std::nullopt;
  return static_cast<double>(marks_.back().*total - marks_.front().*total) / seconds;
}

}  // namespace holdfast::trainer
