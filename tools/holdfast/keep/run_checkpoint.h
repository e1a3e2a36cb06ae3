// The checkpoint of a run that a subcommand is to do something with.
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

// A checkpoint that lies in a run, named as locate_checkpoint() takes it. Error(kInvalidArgument)
// for one that lies elsewhere (a copy, or one in quarantine), and for a run without '@': what is
// meant to last, or to go, is to be named.
RunCheckpoint find_in_run(const std::string& where);

struct RunStep {
  RunView run;
  std::int64_t step;
};

// The same, also of "RUN@STEP" of a checkpoint that is not there any more.
RunStep find_step(const std::string& where);

}  // namespace holdfast::tool
