// Finds a checkpoint of a run that a subcommand is to mark or to remove.
#pragma once

#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/run_view.h>

#include <cstdint>
#include <string>

namespace holdfast::tool {

struct RunCheckpoint {
  RunView run;
  std::int64_t step;
  Directory directory;
};

// The checkpoint of a run that `where` names, in one of the forms of locate_checkpoint().
// Error(kInvalidArgument) for a checkpoint that does not lie in a run (a copy, or one in
// quarantine), and for a run without '@': a checkpoint that is to be kept or removed must be named
// explicitly.
RunCheckpoint find_in_run(const std::string& where);

struct RunStep {
  RunView run;
  std::int64_t step;
};

// Like find_in_run(), but a "RUN@STEP" need not exist any more.
RunStep find_step(const std::string& where);

}  // namespace holdfast::tool
