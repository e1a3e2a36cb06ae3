// From what a user calls a checkpoint to its directory. Takes no lock and writes nothing.
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

// A checkpoint directory as it is, the newest checkpoint of a run directory, or, of the run before
// the '@', what is named behind it: "runs/a@latest", "runs/a@best" (by the metric of its
// retention), "runs/a@200" (a step), "runs/a@paper" (a tag, also of what a roll-back has moved to
// superseded/). Error(kNotFound) if `where` is none of these: it is not there, is a file, a run
// without a checkpoint, or a save that was not finished. Error(kInvalidArgument) if it is empty.
Directory locate_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& where);

// What `where` names now, if that is another than the one that had this path and was retired.
std::optional<Directory> locate_another(const std::shared_ptr<FileSystem>& fs,
                                        const std::string& where, const std::string& retired);

// Calls `use` with the checkpoint that `where` names, and returns what it returns. A run that
// trains may retire the checkpoint meanwhile: if `use` throws Error(kRetired) and the name means
// another checkpoint by then, `use` is called again, with that one.
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

// Opens the checkpoint that `where` names, as locate_checkpoint() takes it. Error(kMismatch) if it
// is not of the step that its directory says.
CheckpointFiles open_checkpoint(const std::shared_ptr<FileSystem>& fs, const std::string& where);

// The same for a checkpoint directory; all checkpoints of a run directory, ascending by step.
// Paths: there may be more of them than a process can hold open.
std::vector<std::string> locate_checkpoints(std::shared_ptr<FileSystem> fs,
                                            const std::string& where);

// What such a name is made of.
struct CheckpointName {
  std::string run, name;

  std::optional<std::int64_t> step() const;  // empty: the name is no number
};

// Empty: `where` has no '@' with a name behind it, or is the path of something that is there.
std::optional<CheckpointName> parse_checkpoint_name(const std::string& where);

}  // namespace holdfast
