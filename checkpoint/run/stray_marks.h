// Where the checkpoint of a mark is by now: a roll-back may have moved it out of the way.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/run_view.h>

namespace holdfast {

// In the run: "checkpoints/step-000000000300", "superseded/<id>/step-000000000300" or
// "quarantine/step-000000000300-2"; empty: it is gone. One among the run's checkpoints that cannot
// be looked into counts as the one of its step.
std::string place_of(const RunView& run, const CheckpointId& checkpoint);

// A pin or a tag whose checkpoint is not among the run's.
struct StrayMark {
  std::string tag;  // empty: a pin
  std::int64_t step = 0;
  std::string place;  // as place_of
};

std::vector<StrayMark> stray_marks(const RunView& run);  // pins by step, then tags by name

}  // namespace holdfast
