// A run directory as readers see it, without the run's lock.
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

// Opens a directory that a user has named. Error(kNotFound) if it is not there or is a file;
// Error(kInvalidArgument) if the name is empty. Both errors get `remedy`.
Directory open_what_is_named(std::shared_ptr<FileSystem> fs, const std::string& path,
                             const char* remedy);

// The Error(kExists) that says that a file or a link has the name of this step's checkpoint.
Error name_taken(const Directory& checkpoints, std::int64_t step);
// One such error for each entry that has the name of a checkpoint but is not a directory: for
// example a link to an old checkpoint that was moved away. A run never writes to such an entry,
// moves it, removes it, resumes from it, or counts it as a checkpoint.
std::vector<Error> taken_names(const Directory& checkpoints);
// Throws the error for the first such entry whose step is newer than `after`. While there is one, a
// run whose newest step is `after` neither trains nor removes checkpoints.
void require_free_names(const Directory& checkpoints, std::int64_t after);

// Opens <run>/checkpoints. Empty if there is no such directory, so `run` is not a run.
// Error(kExists) if a link or a device has that name.
std::optional<Directory> open_checkpoints(const Directory& run);

// A checkpoint that was moved out of the way.
struct SetAside {
  // "step-000000000300" or "step-000000000300-2" in quarantine/; "<id>/step-000000000300" in
  // superseded/, where <id> stands for the resume that moved it.
  std::string name;
  std::string reason;  // why it was quarantined; empty if no reason was left, or if superseded
};

// Changes nothing in the run. A run may be training meanwhile: later calls may see its changes. All
// functions throw Error if the disk fails.
class RunView {
 public:
  // Error(kNotFound) if the directory is not there or is not a run; it says what is there instead.
  // If `file_system` is null, the operating system's is used.
  explicit RunView(const std::string& path, std::shared_ptr<FileSystem> file_system = {});

  const std::string& path() const { return run_.path(); }
  const Directory& directory() const { return run_; }
  const Directory& checkpoints() const { return checkpoints_; }

  std::vector<std::int64_t> steps() const { return committed_steps(checkpoints_); }
  // Error(kNotFound) if there is no checkpoint of this step. Follows a link to a checkpoint
  // elsewhere.
  Directory open(std::int64_t step) const;

  std::vector<SetAside> quarantined() const;
  std::vector<SetAside> superseded() const;

 private:
  Directory run_, checkpoints_;
};

}  // namespace holdfast
