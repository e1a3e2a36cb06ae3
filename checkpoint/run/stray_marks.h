// Finds the checkpoint of a pin or a tag, which may have been moved to superseded/ or quarantine/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/run_view.h>

namespace holdfast {

// Where in the run the checkpoint is: "checkpoints/step-000000000300",
// "superseded/<id>/step-000000000300" or "quarantine/step-000000000300-2". Empty if it is gone. If
// the run has a checkpoint of this step that cannot be read, that one counts as the marked one.
std::string place_of(const RunView& run, const CheckpointId& checkpoint);

// A pin or a tag whose checkpoint is not in checkpoints/.
struct StrayMark {
  std::string tag;  // empty for a pin
  std::int64_t step = 0;
  std::string place;  // what place_of() returns
};

std::vector<StrayMark> stray_marks(const RunView& run);  // pins by step, then tags by name

}  // namespace holdfast
