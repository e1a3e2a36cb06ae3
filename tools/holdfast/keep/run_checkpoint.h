// The checkpoint of a run that a subcommand is to do something with.
#pragma once

#include <holdfast/checkpoint/store/marks.h>
#include <holdfast/checkpoint/store/run_view.h>

#include <cstdint>
#include <string>

namespace holdfast::tool {

struct RunCheckpoint {
  RunView run;
  std::int64_t step;
  Directory directory;
};

// A checkpoint that lies in a run, named as locate_checkpoint() takes it. Error(kInvalidArgument)
// for one that lies elsewhere: a copy, or one in quarantine.
RunCheckpoint find_in_run(const std::string& where);

}  // namespace holdfast::tool
