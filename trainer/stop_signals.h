// Requests to stop, as a scheduler or a person at the keyboard makes them: by signals.
#pragma once

#include <string>

namespace holdfast::trainer {

// While it lives, the first SIGTERM, SIGINT or SIGUSR1 is noted and does nothing else: the program
// asks requested() where it can stop. A second one has its default action, which ends the process;
// what was committed stays. Where a whole process group is asked to stop, the parent (a batch
// shell, `holdfast run`) is asked too and passes it on: one signal of somebody else and one of the
// parent are one request, with one of each that takes the place of a parent that has died. A signal
// that the process ignores (SIGINT under nohup) stays ignored. Afterwards the signals have the
// handlers they had. One at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool requested() const noexcept { return signal() != 0; }
  int signal() const noexcept;  // the first; 0: none came
};

std::string signal_name(int signal);  // "SIGTERM"

}  // namespace holdfast::trainer
