// Runs work that may crash, hang or take too much memory in a process of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace holdfast::exchange {

struct IsolationLimits {
  std::uint64_t memory_bytes = 1 << 30;  // beyond what this process uses
  int processor_seconds = 60;
  int seconds = 300;
  std::uint64_t result_bytes = 1 << 28;
};

// Runs `work` in a copy of this process (fork) and returns its result. The copy cannot open or
// create files, prints nothing, and keeps to the limits. An Error that `work` throws is thrown
// here, with its kind, path and message. Error(kCorrupt) with `what` if it crashes or exceeds a
// limit; Error(kIo) if no process can be started. The copy has this thread alone: `work` must not
// wait for another thread, nor take a lock that another may have held at the fork.
std::string run_isolated(const std::string& what, const std::function<std::string()>& work,
                         const IsolationLimits& limits = {});

}  // namespace holdfast::exchange
