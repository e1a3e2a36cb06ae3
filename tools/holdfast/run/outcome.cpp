#include "outcome.h"

#include <holdfast/checkpoint/base/exit_status.h>
#include <sys/wait.h>

#include <cstring>

namespace holdfast::tool {
namespace {

// A shell, env(1) and the like exit with these if they cannot execute a program.
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

Verdict verdict_on(int exit_status) {
  switch (exit_status) {
    case kDone:
      return Verdict::kComplete;
    case kStopped:
      return Verdict::kPreempted;
    case kBadUsage:
    case kNotExecutable:
    case kNotFound:
      return Verdict::kHopeless;
    default:
      return Verdict::kFailure;
  }
}

std::string meaning_of(int exit_status) {
  switch (exit_status) {
    case kBadUsage:
      return " (bad usage or configuration)";
    case kNotExecutable:
      return " (not executable)";
    case kNotFound:
      return " (not found)";
    default:
      return "";
  }
}

}  // namespace

Outcome outcome_of(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    const int signal = WTERMSIG(wait_status);
    return {Verdict::kFailure, 128 + signal, signal_text(signal)};
  }
  const int status = WEXITSTATUS(wait_status);
  return {verdict_on(status), status, "exit status " + std::to_string(status) + meaning_of(status)};
}

std::string signal_text(int signal) {
  return "signal " + std::to_string(signal) + " (" + strsignal(signal) + ")";
}

}  // namespace holdfast::tool
