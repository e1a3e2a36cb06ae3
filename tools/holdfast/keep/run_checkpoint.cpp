#include "run_checkpoint.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/locate.h>
#include <holdfast/checkpoint/store/run_names.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace holdfast::tool {
namespace {

Error not_in_a_run(const std::string& path) {
  return Error(ErrorKind::kInvalidArgument, "this checkpoint is not one of a run's")
      .at(path)
      .expected(std::string("<run>/") + kCheckpointsDirectory + "/" + step_directory_name(0) +
                " or later");
}

}  // namespace

RunCheckpoint find_in_run(const std::string& where) {
  Directory directory = locate_checkpoint(posix_file_system(), where);
  const auto path = std::filesystem::absolute(directory.path()).lexically_normal();
  const std::optional<std::int64_t> step = parse_step_directory(path.filename().string());
  if (!step || path.parent_path().filename() != kCheckpointsDirectory)
    throw not_in_a_run(directory.path());
  RunView run(path.parent_path().parent_path().string());
  return {std::move(run), *step, std::move(directory)};
}

}  // namespace holdfast::tool
