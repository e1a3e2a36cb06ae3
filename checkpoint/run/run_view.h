// A run directory as a reader sees it: what is there, without the lock.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/committed_steps.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// A directory that a user named: Error(kNotFound), with the remedy, if it is not there or is a
// file; Error(kInvalidArgument) if the name is empty.
Directory open_what_is_named(std::shared_ptr<FileSystem> fs, const std::string& path,
                             const char* remedy);

// The step's name is that of something else than a directory.
Error name_taken(const Directory& checkpoints, std::int64_t step);
// What has a checkpoint's name there and is no directory (an old checkpoint that was moved away and
// linked back), each with what to do about it. No run writes to it, moves or removes it, goes on
// from it, or counts it for a checkpoint.
std::vector<Error> taken_names(const Directory& checkpoints);
// Throws the first of those that are of a newer step than `after`: a run that has got there does
// not train, and retires nothing, as long as there is one.
void require_free_names(const Directory& checkpoints, std::int64_t after);

// The directory of checkpoints of what may be a run; empty if there is none. Error(kExists) if a
// link or a device has its name.
std::optional<Directory> open_checkpoints(const Directory& run);

// A checkpoint that was moved out of the way.
struct SetAside {
  std::string name;    // "step-000000000300", "step-000000000300-2"; with the resume before it,
                       // "<id>/step-000000000300", for a superseded one
  std::string reason;  // of a quarantined one; empty: none was left
};

// Changes nothing. What happens to the run meanwhile may be seen or not. Methods throw Error where
// the disk fails.
class RunView {
 public:
  // Error(kNotFound) if the directory is not there or is no run, with what it is instead, as far
  // as that can be said. Empty file_system: the operating system's own.
  explicit RunView(const std::string& path, std::shared_ptr<FileSystem> file_system = {});

  const std::string& path() const { return run_.path(); }
  const Directory& directory() const { return run_; }
  const Directory& checkpoints() const { return checkpoints_; }

  std::vector<std::int64_t> steps() const { return committed_steps(checkpoints_); }
  // Error(kNotFound) if it is not there. A link to a checkpoint elsewhere is followed.
  Directory open(std::int64_t step) const;

  std::vector<SetAside> quarantined() const;
  std::vector<SetAside> superseded() const;

 private:
  Directory run_, checkpoints_;
};

}  // namespace holdfast
