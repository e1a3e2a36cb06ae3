#include <holdfast/checkpoint/options.h>

#include <utility>

namespace holdfast {
namespace {

constexpr std::int64_t kDefaultEverySteps = 1000;

void require(bool fine, const char* expected, const std::string& found) {
  if (fine) return;
  throw Error(ErrorKind::kInvalidArgument, "an option of the checkpointer is out of range")
      .expected(expected)
      .found(found);
}

}  // namespace

Options with_defaults(Options options) {
  const RetentionPolicy& keep = options.retention;
  require(options.every_steps >= 0, "every_steps of 0 or more",
          std::to_string(options.every_steps));
  require(options.every.count() >= 0, "a time between saves of 0 seconds or more",
          std::to_string(options.every.count()) + " seconds");
  require(options.shards >= 1, "1 shard or more", std::to_string(options.shards));
  require(options.threads >= 1, "1 thread or more", std::to_string(options.threads));
  require(options.max_failures >= 0, "max_failures of 0 or more",
          std::to_string(options.max_failures));
  require(keep.keep_last >= 0, "keep_last of 0 or more", std::to_string(keep.keep_last));
  require(keep.keep_best >= 0, "keep_best of 0 or more", std::to_string(keep.keep_best));
  require(keep.keep_best == 0 || !keep.metric.empty(), "the name of the metric to keep the best by",
          "no name");
  if (options.every_steps == 0 && options.every.count() == 0)
    options.every_steps = kDefaultEverySteps;
  if (!options.file_system) options.file_system = posix_file_system();
  return options;
}

}  // namespace holdfast
