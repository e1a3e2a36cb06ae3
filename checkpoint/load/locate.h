// From what a user calls a checkpoint to its directory. Takes no lock and writes nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/io/file.h>

namespace holdfast {

// A checkpoint directory as it is, the newest checkpoint of a run directory, or, of the run before
// the '@', what is named behind it: "runs/a@latest", "runs/a@best" (by the metric of its
// retention), "runs/a@200" (a step), "runs/a@paper" (a tag, also of what a roll-back has moved to
// superseded/). Error(kNotFound) if `where` is none of these: it is not there, is a file, a run
// without a checkpoint, or a save that was not finished. Error(kInvalidArgument) if it is empty.
Directory locate_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& where);

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
