#include "stop_request.h"

#include <csignal>

namespace holdfast::tool {

void check_for_stop(const Signals& signals, Deadline deadline) {
  const auto now = std::chrono::steady_clock::now();
  while (const auto signal = signals.wait_until(now))
    if (signal->number != SIGCHLD) throw StopRequest{signal->number};
  if (now >= deadline) throw TimeIsOver();
}

}  // namespace holdfast::tool
