// One start of the command under proof: to its end, or to the step that it is killed at.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "child.h"
#include "outcome.h"

namespace holdfast::tool {

struct Trial {
  std::vector<std::string> command;
  Environment variables;  // beside those of the heartbeat
  std::string log;        // the file, made anew, for what it prints
  std::optional<std::int64_t> kill_at;
  bool is_held = false;            // it waits at that step to be killed (kHoldVariable)
  std::function<bool()> may_kill;  // asked at that step and each later one; empty: yes
};

// What was seen of it.
struct Start {
  std::optional<std::int64_t> kill_at;  // the step that was asked for
  bool killed = false;                  // false: it ended by itself, whatever was asked for
  std::optional<std::int64_t>
      resumed_from;                       // a checkpoint's step; empty: it began at the beginning
  std::optional<std::int64_t> last_step;  // that it completed; empty: it told none
  Outcome outcome;

  std::int64_t begin() const { return resumed_from.value_or(0); }
  std::int64_t end() const { return last_step.value_or(begin()); }  // where it had got to
};

// Thrown while the command runs; nothing of it is left then.
struct StopRequest {
  int signal;
};
struct TimeIsOver {};

using Deadline = std::chrono::steady_clock::time_point;  // its maximum: none

// Kills the command, with every process that it has started, as soon as it tells that it has
// completed the step `kill_at` or a later one. A program that is not held can be some steps further
// by the time that it is dead: last_step says so. Every signal that `signals`
// fetches, but SIGCHLD, is a StopRequest. Error(kInvalidArgument): the command cannot be executed.
Start run_trial(const Trial& trial, const Signals& signals, Deadline deadline);

// Throws if a signal has come, or the deadline is over: for what takes its time beside trials.
void check_for_stop(const Signals& signals, Deadline deadline);

}  // namespace holdfast::tool
