// How work that takes long is broken off: by a signal, or at a deadline.
#pragma once

#include <chrono>

#include "child.h"

namespace holdfast::tool {

struct StopRequest {
  int signal;
};
struct TimeIsOver {};

using Deadline = std::chrono::steady_clock::time_point;  // max() means no deadline

// Throws StopRequest if a signal other than SIGCHLD has come, and TimeIsOver after the deadline.
// Call it regularly during work that takes long. A function that has started a command kills all
// its processes before it lets these exceptions out.
void check_for_stop(const Signals& signals, Deadline deadline);

}  // namespace holdfast::tool
