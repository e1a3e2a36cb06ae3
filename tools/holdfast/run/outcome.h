// How a command ended, as the contract of exit statuses (checkpoint/base/exit_status.h) reads it.
// Pure.
#pragma once

#include <string>

namespace holdfast::tool {

enum class Verdict {
  kComplete,   // there is nothing left to do
  kPreempted,  // stopped on request: whoever stopped it starts it again
  kHopeless,   // starting it again cannot help: bad usage, a bad configuration, or no such program
  kFailure,    // starting it again may help: any other status, and every signal
};

struct Outcome {
  Verdict verdict;
  int status;         // of the command, or 128 + the signal that ended it
  std::string cause;  // "exit status 1", "signal 9 (Killed)"
};

Outcome outcome_of(int wait_status);  // as waitpid(2) has it, of a process that has ended

std::string signal_text(int signal);  // "signal 9 (Killed)"

}  // namespace holdfast::tool
