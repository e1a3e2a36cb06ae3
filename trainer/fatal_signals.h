// Counts crashes of the program by its own fault: SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT.
#pragma once

#include <signal.h>

#include <vector>

#include <holdfast/checkpoint/checkpointer.h>

namespace holdfast::trainer {

// While this object lives, such a signal is first counted as a failure of the run
// (Options::max_failures). Then it goes to the handler that was there before (of a sanitizer, or of
// a library that prints the stack), or ends the process as usual. A stack overflow is counted only
// on the thread that made this object, since only that thread gets an extra stack for the handler.
// Only one such object may exist at a time.
class FatalSignals {
 public:
  explicit FatalSignals(Checkpointer& checkpoints);  // must outlive this object
  ~FatalSignals();
  FatalSignals(const FatalSignals&) = delete;
  FatalSignals& operator=(const FatalSignals&) = delete;

 private:
  std::vector<char> stack_;  // the handler's
  stack_t before_{};
};

}  // namespace holdfast::trainer
