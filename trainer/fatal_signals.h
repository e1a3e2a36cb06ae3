// Signals that a program makes itself when it goes wrong: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT.
#pragma once

#include <holdfast/checkpoint/checkpointer.h>

namespace holdfast::trainer {

// While it lives, such a signal is counted as a failure of the run (Options::max_failures) before
// it ends the process as it always does. A signal that somebody handles already, as a sanitizer
// does, is left to them. One at a time.
class FatalSignals {
 public:
  explicit FatalSignals(Checkpointer& checkpoints);  // which outlives this
  ~FatalSignals();
  FatalSignals(const FatalSignals&) = delete;
  FatalSignals& operator=(const FatalSignals&) = delete;
};

}  // namespace holdfast::trainer
