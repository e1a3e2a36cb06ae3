// What the end of a command means, by the exit statuses of checkpoint/base/exit_status.h. Pure
// functions.
#pragma once

#include <string>

namespace holdfast::tool {

enum class Verdict {
  kComplete,   // there is nothing left to do
  kPreempted,  // stopped on request; whoever stopped it will start it again
  kHopeless,   // a restart cannot help: bad usage, a bad configuration, or no such program
  kFailure,    // a restart may help: any other status, or ended by a signal
};

struct Outcome {
  Verdict verdict;
  int status;         // the command's exit status, or 128 + the signal that ended it
  std::string cause;  // "exit status 1", "signal 9 (Killed)"
};

// `wait_status`: the status from waitpid(2) of a process that has ended.
Outcome outcome_of(int wait_status);

std::string signal_text(int signal);  // "signal 9 (Killed)"

}  // namespace holdfast::tool
