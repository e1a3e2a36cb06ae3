#include "run_checkpoint.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/run/locate.h>

#include <filesystem>
#include <optional>
#include <utility>

namespace holdfast::tool {
namespace {

// The canonical path, without links. Empty if nothing is there any more.
std::filesystem::path real_path(const std::string& path) {
  std::error_code gone;
  return std::filesystem::canonical(path, gone);
}

Error is_a_run(const std::string& where) {
  return Error(ErrorKind::kInvalidArgument, "this is a run, not one of its checkpoints")
      .at(where)
      .remedy("name the checkpoint: " + where + "@latest");
}

// A linked checkpoint lies in no run, or in another run.
Error is_a_link(const std::string& path) {
  return Error(ErrorKind::kInvalidArgument, "this is a link to a checkpoint, not one of the run's")
      .at(path)
      .remedy("name the checkpoint itself, or remove the link by hand");
}

// True for ".../checkpoints/step-000000000300" if that is a link.
bool is_linked_checkpoint(std::filesystem::path path) {
  path = std::filesystem::absolute(path).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  std::error_code unknown;
  return format::parse_step_directory(path.filename().string()) &&
         path.parent_path().filename() == format::kCheckpointsDirectory &&
         std::filesystem::is_symlink(path, unknown);
}

Error not_in_a_run(const std::string& path) {
  return Error(ErrorKind::kInvalidArgument, "this checkpoint is not one of a run's")
      .at(path)
      .expected(std::string("<run>/") + format::kCheckpointsDirectory + "/" +
                format::step_directory_name(0) + " or later");
}

// The path of the run for messages: relative to the working directory, unless the user has named
// the checkpoint by an absolute path.
std::string as_named(const std::filesystem::path& run, const std::string& where) {
  std::error_code unknown;
  const auto near = std::filesystem::proximate(run, unknown);
  return (unknown || std::filesystem::path(where).is_absolute() ? run : near).string();
}

}  // namespace

RunCheckpoint find_in_run(const std::string& where) {
  Directory directory = locate_checkpoint(posix_file_system(), where);
  const std::filesystem::path path = real_path(directory.path());
  if (!parse_checkpoint_name(where) && path != real_path(where)) throw is_a_run(where);
  if (is_linked_checkpoint(directory.path())) throw is_a_link(directory.path());
  const std::optional<std::int64_t> step = format::parse_step_directory(path.filename().string());
  if (!step || path.parent_path().filename() != format::kCheckpointsDirectory)
    throw not_in_a_run(directory.path());
  RunView run(as_named(path.parent_path().parent_path(), where));
  return {std::move(run), *step, std::move(directory)};
}

RunStep find_step(const std::string& where) {
  const auto named = parse_checkpoint_name(where);
  const auto step = named ? named->step() : std::nullopt;
  if (step) return {RunView(named->run), *step};
  RunCheckpoint found = find_in_run(where);
  return {std::move(found.run), found.step};
}

}  // namespace holdfast::tool
