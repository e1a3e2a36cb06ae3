// Notices requests to stop, which a scheduler or a person at the keyboard makes by signals.
#pragma once

#include <string>

namespace holdfast::trainer {

// While this object lives, the first SIGTERM, SIGINT or SIGUSR1 is only noted: the program asks
// requested() at each place where it can stop. A second one has its default action and ends the
// process. Checkpoints that were committed stay.
//
// If a whole process group is asked to stop, the process gets two signals for one request: the
// parent (a batch shell, `holdfast run`) gets the signal, too, and passes it on. So a signal from
// the parent and one from elsewhere count together as the first. So does one signal more from each
// new parent, if the parent has died and another process has taken its place.
//
// A signal that the process ignores (SIGINT under nohup) stays ignored. The destructor puts the
// earlier handlers back. Only one such object may exist at a time.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  bool requested() const noexcept { return signal() != 0; }
  int signal() const noexcept;  // the first signal; 0 if none has come
};

std::string signal_name(int signal);  // "SIGTERM"

}  // namespace holdfast::trainer
