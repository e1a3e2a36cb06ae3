// Signals that a program makes itself when it goes wrong: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT.
#pragma once

#include <signal.h>

#include <vector>

#include <holdfast/checkpoint/checkpointer.h>

namespace holdfast::trainer {

// While it lives, such a signal is counted as a failure of the run (Options::max_failures) before
// it goes to whoever had it (a sanitizer, a library that prints the stack) or ends the process as
// it always does. A stack that overflows is counted on the thread that made this, which has a stack
// of its own for it meanwhile. One at a time.
class FatalSignals {
 public:
  explicit FatalSignals(Checkpointer& checkpoints);  // which outlives this
  ~FatalSignals();
  FatalSignals(const FatalSignals&) = delete;
  FatalSignals& operator=(const FatalSignals&) = delete;

 private:
  std::vector<char> stack_;  // for the handler
  stack_t before_{};
};

}  // namespace holdfast::trainer
