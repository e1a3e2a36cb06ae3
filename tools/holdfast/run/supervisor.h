// Starts a training command again until it is done.
#pragma once

#include <chrono>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "child.h"
#include "outcome.h"
#include "restart_policy.h"
#include "watched_runs.h"

namespace holdfast::tool {

// How long to wait for processes that the command leaves running when it ends.
struct LeftLimits {
  std::chrono::duration<double> to_end{1};   // before they are asked to stop
  std::chrono::duration<double> grace{120};  // after that, before they are killed
};

// Starts the command, waits for it, and starts it again after a failure, as far as the limits
// allow. Signals are passed on to the command. SIGTERM, SIGINT, SIGUSR1 and SIGHUP are requests to
// stop: after one, the command is not started again.
//
// The command may leave processes running when it ends, for example a wrapper that dies alone.
// Unless there was a request to stop, they first have a moment to end by themselves, as a process
// does that reads the command's output through a pipe. Then they are asked to stop (by SIGUSR1 if
// that was the last request, else by SIGTERM). When the grace is over, which begins when the first
// is asked, they are killed. Only then does the Supervisor report anything or start the command
// again.
//
// Writes a line to `out` for each thing that happens, and logs restarts into the command's runs. A
// process may have only one Supervisor, since signals are sent to the process.
class Supervisor {
 public:
  // `command` has at least one word. `command` and `out` must outlive this object.
  Supervisor(const std::vector<std::string>& command, const RestartLimits& limits,
             const LeftLimits& left_limits, std::ostream& out);

  // Runs the command until it is not to be started again. Returns the exit status for the tool:
  //
  //  - without a request to stop: kDone; kStopped; kFailed (given up); kBadUsage (the command
  //    exited with it, or cannot be executed);
  //  - after a request to stop: the command's own status, or 128 + the signal that ended it.
  //    But kStopped if that signal was the first request itself and there is a checkpoint, if
  //    the request came between two starts, or if the command failed and a process that it had
  //    left running exited with kStopped;
  //  - in both cases: kStopped if the command is done, but a process that it had left running
  //    exited with kStopped.
  int run();

 private:
  Outcome run_once();
  void handle(const Signals::Arrival& signal, const Child& child);
  void end_what_is_left(Child& child);
  void ask(const std::set<pid_t>& processes, std::chrono::duration<double> left);
  void handle_late(const Signals::Arrival& signal, const Child& child, bool were_asked);
  bool is_known_request(const Signals::Arrival& signal);
  bool died_of_the_request(const Outcome& outcome);
  bool has_left_one_that_stopped() const;
  int end_with(const Outcome& outcome);
  bool back_off(double seconds);  // false if a request to stop came
  int give_up(Refusal refusal, const Outcome& outcome);
  void log_restart(const Outcome& outcome);
  void say(const std::string& text);

  const std::vector<std::string>& command_;
  RestartLimits limits_;
  RestartPolicy policy_;
  const LeftLimits left_limits_;
  std::ostream& out_;
  const std::string job_;
  Signals signals_;
  WatchedRuns runs_;
  std::vector<EndedProcess> left_;  // the processes that the last start had left running
  std::string happened_;  // for messages: how the last start ended and which steps the runs are at
  bool stop_requested_ = false;
  bool parent_was_first_ = false;  // the first request to stop came from the parent process
  bool other_has_come_ = false;    // a request came from the parent and one from somebody else
  int requests_passed_on_ = 0;     // how many requests to stop were passed on to the command
  int last_request_ = 0;           // the signal of the last request
};

}  // namespace holdfast::tool
