#include <holdfast/trainer/checkpoint_options.h>

#include <chrono>
#include <cstdint>
#include <ratio>

namespace holdfast::trainer {

Options checkpoint_options(const Config& config) {
  const CheckpointConfig& from = config.checkpoint;
  Options options;
  options.every_steps = from.every_steps;
  options.every = std::chrono::duration<double, std::ratio<60>>(from.every_minutes);
  options.retention.keep_last = static_cast<int>(from.keep_last);
  options.retention.keep_best = static_cast<int>(from.keep_best);
  options.retention.metric = from.metric;
  options.retention.higher_is_better = from.direction == Direction::kMax;
  options.asynchronous = from.async;
  options.overlap = from.overlap;
  options.shards = static_cast<int>(from.shards);
  options.max_staging_bytes = from.max_staging_mib == 0
                                  ? std::uint64_t{1} << 62
                                  : static_cast<std::uint64_t>(from.max_staging_mib) << 20;
  options.max_failures = static_cast<int>(config.resume.max_failures);
  options.after_failures = config.resume.after_failures == AfterFailures::kOlder
                               ? Options::AfterFailures::kOlder
                               : Options::AfterFailures::kStop;
  options.when_busy =
      from.when_busy == WhenBusy::kSkip ? Options::Busy::kSkip : Options::Busy::kWait;
  return options;
}

}  // namespace holdfast::trainer
