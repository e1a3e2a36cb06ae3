// Finds the directory of a checkpoint that a user has named. Takes no lock and writes nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Opens the checkpoint that `where` names. `where` may be the directory of a checkpoint, the
// directory of a run (its newest checkpoint is meant), or a run, an '@' and a name:
// "runs/a@latest", "runs/a@best" (by the metric of the run's retention), "runs/a@200" (a step),
// "runs/a@paper" (a tag; its checkpoint may have been moved to superseded/). Error(kNotFound) if it
// is none of these: it is not there, is a file, is a run without a checkpoint, or is a save that
// was not finished. Error(kInvalidArgument) if `where` is empty.
Directory locate_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& where);

// The checkpoint that `where` names now; empty if that is the one at the path `retired`, which the
// run has removed, or none.
std::optional<Directory> locate_another(const std::shared_ptr<FileSystem>& fs,
                                        const std::string& where, const std::string& retired);

// Calls `use` with the checkpoint that `where` names, and returns what `use` returns. A run that
// trains may remove the checkpoint meanwhile. If `use` throws Error(kRetired) and `where` names
// another checkpoint by then, `use` is called again with that checkpoint.
template <typename Use>
auto with_checkpoint(const std::shared_ptr<FileSystem>& fs, const std::string& where,
                     const Use& use) -> decltype(use(std::declval<Directory>())) {
  for (Directory found = locate_checkpoint(fs, where);;) {
    const std::string path = found.path();
    try {
      return use(std::move(found));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kRetired) throw;
      std::optional<Directory> another = locate_another(fs, where, path);
      if (!another) throw;
      found = std::move(*another);
    }
  }
}

// Opens and reads the checkpoint that `where` names (see locate_checkpoint()). Error(kMismatch) if
// its step is not the one in the name of its directory.
CheckpointFiles open_checkpoint(const std::shared_ptr<FileSystem>& fs, const std::string& where);

// The paths of the checkpoints that `where` names: of one checkpoint, or of all checkpoints of a
// run, by ascending step. Errors as locate_checkpoint(). These are paths and not open directories
// because a run may have more checkpoints than a process can hold open.
std::vector<std::string> locate_checkpoints(std::shared_ptr<FileSystem> fs,
                                            const std::string& where);

// The two parts of a name like "runs/a@200".
struct CheckpointName {
  std::string run, name;  // before and behind the '@'

  std::optional<std::int64_t> step() const;  // empty if the name is not a number
};

// Empty if `where` has no '@' with a name behind it, or is the path of something that exists.
std::optional<CheckpointName> parse_checkpoint_name(const std::string& where);

}  // namespace holdfast
