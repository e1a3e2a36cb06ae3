#include <holdfast/checkpoint/run/run_view.h>

#include <algorithm>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {
namespace {

constexpr std::size_t kMostReasonBytes = 1 << 20;  // of a longer reason only the beginning is read

constexpr const char* kRemedy = "give the directory that the training was told to save to";

Directory open_run(std::shared_ptr<FileSystem> fs, const std::string& path) {
  Directory run = open_what_is_named(std::move(fs), path, kRemedy);
  if (open_checkpoints(run)) return run;
  const bool is_checkpoint = run.type_of(format::kManifestFile).has_value();
  throw Error(ErrorKind::kNotFound, "this is not a run")
      .at(path)
      .expected(std::string("a directory with ") + format::kCheckpointsDirectory + "/ in it")
      .found(is_checkpoint ? "a checkpoint" : "another directory")
      .remedy(kRemedy);
}

std::string reason_of(const Directory& quarantine, const std::string& name) {
  const std::string file = format::reason_file_name(name);
  if (quarantine.type_of(file) != FileType::kRegular) return "";
  try {
    std::string reason(kMostReasonBytes, '\0');
    reason.resize(quarantine.open_file(file).read_at(0, {reason.data(), reason.size()}));
    while (!reason.empty() && reason.back() == '\n') reason.pop_back();
    return reason;
  } catch (const Error& error) {
    return error.what();
  }
}

// The steps whose name is taken by something that is not a directory.
std::vector<std::int64_t> taken_steps(const Directory& checkpoints) {
  std::vector<std::int64_t> taken;
  for (const std::int64_t step : listed_steps(checkpoints)) {
    const auto type = checkpoints.type_of(format::step_directory_name(step));
    if (type && type != FileType::kDirectory) taken.push_back(step);
  }
  return taken;
}

// The directories in it, without unfinished copies.
std::vector<std::string> directories_in(const Directory& directory) {
  std::vector<std::string> names = directory.list();
  const auto is_other = [&](const std::string& name) {
    return format::is_unfinished_directory(name) || directory.type_of(name) != FileType::kDirectory;
  };
  names.erase(std::remove_if(names.begin(), names.end(), is_other), names.end());
  return names;
}

}  // namespace

Directory open_what_is_named(std::shared_ptr<FileSystem> fs, const std::string& path,
                             const char* remedy) {
  if (path.empty())
    throw Error(ErrorKind::kInvalidArgument, "the name of the directory is empty").remedy(remedy);
  try {
    return Directory::open(std::move(fs), path);
  } catch (const Error& error) {
    const bool is_file = error.kind() == ErrorKind::kExists;
    if (!is_file && error.kind() != ErrorKind::kNotFound) throw;
    throw Error(ErrorKind::kNotFound, is_file ? "this is a file" : "there is no such directory")
        .at(path)
        .remedy(remedy);
  }
}

Error name_taken(const Directory& checkpoints, std::int64_t step) {
  return Error(ErrorKind::kExists, "no checkpoint can be kept under this name")
      .at(checkpoints.path() + "/" + format::step_directory_name(step))
      .expected("a directory or nothing")
      .found("a file, a link or a device")
      .remedy("move it away, or put the checkpoint itself in its place");
}

std::vector<Error> taken_names(const Directory& checkpoints) {
  std::vector<Error> taken;
  for (const std::int64_t step : taken_steps(checkpoints))
    taken.push_back(name_taken(checkpoints, step));
  return taken;
}

void require_free_names(const Directory& checkpoints, std::int64_t after) {
  for (const std::int64_t step : taken_steps(checkpoints))
    if (step > after) throw name_taken(checkpoints, step);
}

std::optional<Directory> open_checkpoints(const Directory& run) {
  const auto type = run.type_of(format::kCheckpointsDirectory);
  if (!type || type == FileType::kRegular) return std::nullopt;
  if (type == FileType::kDirectory) return run.open_directory(format::kCheckpointsDirectory);
  throw Error(ErrorKind::kExists, "a run's checkpoints cannot be kept under this name")
      .at(run.path() + "/" + format::kCheckpointsDirectory)
      .expected("a directory")
      .found("a link, which is not followed, or a device")
      .remedy("move it away; to have a run on another disk, make a link to the whole run");
}

RunView::RunView(const std::string& path, std::shared_ptr<FileSystem> file_system)
    : run_(open_run(file_system ? std::move(file_system) : posix_file_system(), path)),
      checkpoints_(run_.open_directory(format::kCheckpointsDirectory)) {}

Directory RunView::open(std::int64_t step) const {
  try {
    return checkpoints_.open_directory(format::step_directory_name(step));
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::kExists)  // not a directory, so perhaps a link: follow it
      return Directory::open(run_.file_system(),
                             checkpoints_.path() + "/" + format::step_directory_name(step));
    if (error.kind() != ErrorKind::kNotFound) throw;
    throw Error(ErrorKind::kNotFound, "the run has no checkpoint of step " + std::to_string(step))
        .at(path());
  }
}

std::vector<SetAside> RunView::quarantined() const {
  std::vector<SetAside> found;
  if (run_.type_of(format::kQuarantineDirectory) != FileType::kDirectory) return found;
  const Directory quarantine = run_.open_directory(format::kQuarantineDirectory);
  for (const std::string& name : directories_in(quarantine))
    found.push_back({name, reason_of(quarantine, name)});
  return found;
}

std::vector<SetAside> RunView::superseded() const {
  std::vector<SetAside> found;
  if (run_.type_of(format::kSupersededDirectory) != FileType::kDirectory) return found;
  const Directory superseded = run_.open_directory(format::kSupersededDirectory);
  for (const std::string& id : directories_in(superseded))
    for (const std::string& name : directories_in(superseded.open_directory(id)))
      found.push_back({id + "/" + name, ""});
  return found;
}

}  // namespace holdfast
