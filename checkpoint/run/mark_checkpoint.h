// Makes marks on the checkpoints of a run, while the run may be removing checkpoints.
#pragma once

#include <cstdint>
#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/run/run_view.h>

namespace holdfast {

// Pins or tags the checkpoint of a step. If these functions return, the checkpoint stays: retention
// looks at the marks once more after it has renamed a checkpoint away, and brings a marked one
// back. Error(kNotFound) if the run has no checkpoint of this step. Error(kRetired) if the run has
// removed it meanwhile; the marks are then as they were before.
void pin_checkpoint(const RunView& run, std::int64_t step);
// Moves a tag that exists already. Error(kInvalidArgument) if `name` cannot be a tag (is_tag()).
void tag_checkpoint(const RunView& run, std::int64_t step, const std::string& name);

// The error for a tag that exists but cannot be read. `run` is the path of the run.
Error unread_tag(const std::string& run, const std::string& name);

}  // namespace holdfast
