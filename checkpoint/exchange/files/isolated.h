// Work that may crash, hang or ask for too much, in a process of its own.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace holdfast::exchange {

struct IsolationLimits {
  std::uint64_t memory_bytes = 1 << 30;  // beyond what this process has
  int processor_seconds = 60;
  int seconds = 300;
  std::uint64_t result_bytes = 1 << 28;
};

// Runs `work` in a copy of this process (fork) that opens, makes and prints nothing and keeps to
// the limits, and returns its result. An Error that it throws is thrown here, with its kind, its
// path and its message. Error(kCorrupt), with `what`, if it crashes or goes beyond a limit;
// Error(kIo) if there can be no process. Only this thread is in the copy: `work` must not wait for
// another, and takes no lock that another may have held.
std::string run_isolated(const std::string& what, const std::function<std::string()>& work,
                         const IsolationLimits& limits = {});

}  // namespace holdfast::exchange
