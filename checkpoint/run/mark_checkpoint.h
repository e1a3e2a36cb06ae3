// Marks on checkpoints of a run that may remove them at the same time.
#pragma once

#include <cstdint>
#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/run/run_view.h>

namespace holdfast {

// A checkpoint that has its mark when these return stays: retention looks at the marks again after
// it has taken a checkpoint away. Error(kNotFound) if the run has none of this step;
// Error(kRetired) if the run has removed it meanwhile: the marks are then as they were before.
void pin_checkpoint(const RunView& run, std::int64_t step);
// A tag that exists moves. Error(kInvalidArgument) if this cannot be a tag (is_tag).
void tag_checkpoint(const RunView& run, std::int64_t step, const std::string& name);

// What to say of a tag that is there and cannot be read. `run` is the run's path.
Error unread_tag(const std::string& run, const std::string& name);

}  // namespace holdfast
