// Starts the command that is being proven, and waits for its end or kills it at a step.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "run/child.h"
#include "run/outcome.h"
#include "run/stop_request.h"

namespace holdfast::tool {

struct Trial {
  std::vector<std::string> command;
  Environment variables;  // added to those of the heartbeat
  std::string log;        // the file for the command's output; replaced if it exists
  std::optional<std::int64_t> kill_at;
  bool is_held = false;            // the command waits at that step for its kill (kHoldVariable)
  std::function<bool()> may_kill;  // if set, the kill waits for a step at which it returns true
};

// What was observed.
struct TrialResult {
  std::optional<std::int64_t> kill_at;       // the step to kill it at
  bool killed = false;                       // if false, the command ended by itself
  std::optional<std::int64_t> resumed_from;  // a checkpoint's step; empty if it began anew
  std::optional<std::int64_t> last_step;     // the last completed step; empty if it told none
  Outcome outcome;

  std::int64_t begin() const { return resumed_from.value_or(0); }
  std::int64_t end() const { return last_step.value_or(begin()); }  // the step that it got to
};

// Starts the command and waits for its end. Kills it, with every process that it has started, as
// soon as it tells that it has completed the step `kill_at` or a later one. A program that is not
// held may have completed more steps before it is dead: last_step is the last that it told. Throws
// StopRequest for every signal but SIGCHLD, TimeIsOver at the deadline, and Error(kInvalidArgument)
// if the command cannot be executed.
TrialResult run_trial(const Trial& trial, const Signals& signals, Deadline deadline);

}  // namespace holdfast::tool
