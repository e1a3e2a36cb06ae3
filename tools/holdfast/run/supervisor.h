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

// How long is waited for what the command leaves running when it ends.
struct LeftLimits {
  std::chrono::duration<double> to_end{1};   // by itself, before it is asked to stop
  std::chrono::duration<double> grace{120};  // then, before it is killed
};

// Starts the command, waits for it, and starts it again after a failure, as far as the limits
// allow. What the command leaves running when it ends, as a wrapper does that dies alone, has a
// moment to end by itself, unless there was a request to stop: so does what reads the command's
// output through a pipe. Then it is asked to stop (SIGTERM; SIGUSR1, if that was the request), and
// is killed when the grace is over, which begins with the first that is asked. Only then is
// anything reported, or started again. Signals that come meanwhile are passed on to the
// command. SIGTERM, SIGINT, SIGUSR1 and SIGHUP are requests to stop: what ends after one is not
// started again. Says what happens on `out`, a line each, and logs restarts into the command's
// runs. One to a process, as its signals are.
class Supervisor {
 public:
  // The command has one word at least. Both references outlive this.
  Supervisor(const std::vector<std::string>& command, const RestartLimits& limits,
             const LeftLimits& left_limits, std::ostream& out);

  // Until there is no more to be done about the command. The exit status for it: kDone, kStopped
  // (also if the request came between two starts), kFailed (given up), kBadUsage (the command says
  // so, or cannot be executed); after a request to stop, the command's own, or 128 + the signal
  // that ended it, but kStopped if that was the first request itself and there is a checkpoint, or
  // if the command failed and what it had left running has stopped with that status. The same for
  // a command that is done and has left one that stopped so, whether there was a request or not.
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
  bool back_off(double seconds);  // false: a request to stop came
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
  std::vector<EndedProcess> left_;  // what the last start had left running, and how it ended
  std::string happened_;  // how the last start ended and where the runs have got to: for messages
  bool stop_requested_ = false;
  bool parent_was_first_ = false;  // to ask for it
  bool other_has_come_ = false;    // the parent's request, if that was not the first; or not
  int requests_passed_on_ = 0;     // requests to stop that the command has got
  int last_request_ = 0;           // the signal of the last of them
};

}  // namespace holdfast::tool
