#include "supervisor.h"

#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/protocol/job.h>
#include <holdfast/checkpoint/protocol/supervision.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <sstream>
#include <utility>

namespace holdfast::tool {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBetweenLooks(50);  // at processes that a command has left
constexpr std::size_t kMostNamed = 5;                   // processes named in a message

bool is_stop_request(int signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGUSR1 || signal == SIGHUP;
}

Clock::duration clock_time(std::chrono::duration<double> time) {
  return std::chrono::duration_cast<Clock::duration>(time);
}

std::set<pid_t> without(const std::set<pid_t>& processes, const std::set<pid_t>& others) {
  std::set<pid_t> rest;
  std::set_difference(processes.begin(), processes.end(), others.begin(), others.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

std::string seconds_text(double seconds) {
  std::ostringstream text;
  text.precision(seconds < 10 ? 2 : 0);
  if (seconds >= 10) text << std::fixed;
  text << seconds << " s";
  return text.str();
}

std::string ending_text(const Outcome& outcome) {
  switch (outcome.verdict) {
    case Verdict::kComplete:
      return "the command is done";
    case Verdict::kPreempted:
      return "the command was stopped on request";
    default:
      return "the command failed with " + outcome.cause;
  }
}

std::string process_text(pid_t process, const std::string& name) {
  return (name.empty() ? "a process" : printable(name)) + " (" + std::to_string(process) + ")";
}

// The first few of them, and how many more there are.
std::string listed(const std::vector<std::string>& texts) {
  std::string text;
  for (std::size_t i = 0; i < std::min(texts.size(), kMostNamed); ++i)
    text += (i == 0 ? "" : ", ") + texts[i];
  if (texts.size() > kMostNamed)
    text += " and " + std::to_string(texts.size() - kMostNamed) + " more";
  return text;
}

std::string names_text(const std::set<pid_t>& processes) {
  std::vector<std::string> names;
  for (const pid_t process : processes)
    names.push_back(process_text(process, process_name(process)));
  return listed(names);
}

std::string left_text(const std::vector<EndedProcess>& left) {
  if (left.empty()) return "";
  std::vector<std::string> endings;
  for (const EndedProcess& one : left)
    endings.push_back(process_text(one.process, one.name) + " with " +
                      outcome_of(one.status).cause);
  return "; what it had left running ended: " + listed(endings);
}

}  // namespace

Supervisor::Supervisor(const std::vector<std::string>& command, const RestartLimits& limits,
                       const LeftLimits& left_limits, std::ostream& out)
    : command_(command),
      limits_(limits),
      policy_(limits),
      left_limits_(left_limits),
      out_(out),
      job_(job_name().empty() ? random_id() : job_name()) {}

int Supervisor::run() {
  for (;;) {
    const Steps before = runs_.newest_steps();
    const Clock::time_point start = Clock::now();
    const Outcome outcome = run_once();
    const std::chrono::duration<double> took = Clock::now() - start;
    const Steps after = runs_.newest_steps();
    happened_ = ending_text(outcome) + " after " + seconds_text(took.count()) + left_text(left_) +
                "; " + describe(before, after);

    if (stop_requested_ || outcome.verdict != Verdict::kFailure) return end_with(outcome);
    const Decision decision = policy_.after_failure(has_progressed(before, after));
    if (decision.refusal) return give_up(*decision.refusal, outcome);
    say(happened_ + "; starting it again in " + seconds_text(decision.seconds) + " (restart " +
        std::to_string(policy_.restarts()) + " of at most " + std::to_string(limits_.max_restarts) +
        ")");
    if (!back_off(decision.seconds)) {
      say("stopped on request before the restart");
      return kStopped;
    }
    log_restart(outcome);
  }
}

Outcome Supervisor::run_once() {
  Child child(command_, {{kRunsFileVariable, runs_.file()}, {kJobVariable, job_}}, signals_);
  for (;;) {
    if (const auto status = child.ended()) {
      end_what_is_left(child);
      return outcome_of(*status);
    }
    handle(signals_.wait(), child);
  }
}

// A training whose wrapper has died goes on and holds the run's lock. It must have time for its
// last save, and must have ended before the next one starts. Its own children become ours when it
// ends. No signal tells of that, so this looks again and again.
void Supervisor::end_what_is_left(Child& child) {
  const Clock::time_point ask_at = Clock::now() + clock_time(left_limits_.to_end);
  std::optional<Clock::time_point> kill_at;
  std::set<pid_t> asked;
  for (std::set<pid_t> left; !(left = child.left()).empty();) {
    const Clock::time_point now = Clock::now();
    if (!kill_at && (stop_requested_ || now >= ask_at))
      kill_at = now + clock_time(left_limits_.grace);
    if (kill_at) ask(without(left, asked), *kill_at - now);
    if (kill_at) asked.insert(left.begin(), left.end());
    if (kill_at && now >= *kill_at) {
      say("killing what has not stopped: " + names_text(left));
      left = child.kill_left();
      if (!left.empty()) say("could not end " + names_text(left));
      break;
    }
    const Clock::time_point next = now + kBetweenLooks;
    if (const auto signal = signals_.wait_until(kill_at ? std::min(*kill_at, next) : next))
      handle_late(*signal, child, kill_at.has_value());
  }
  left_ = child.ended_later();
}

// Asks processes to stop. SIGCONT follows because a stopped process (SIGSTOP) gets the signal only
// when it is continued.
void Supervisor::ask(const std::set<pid_t>& processes, std::chrono::duration<double> left) {
  if (processes.empty()) return;
  const int signal = last_request_ == SIGUSR1 ? SIGUSR1 : SIGTERM;
  say("the command has ended and left running: " + names_text(processes) + "; asked to stop by " +
      signal_text(signal) + ", to be killed after " + seconds_text(std::max(left.count(), 0.0)));
  for (const pid_t process : processes) {
    kill(process, signal);
    kill(process, SIGCONT);
  }
}

// Handles a signal that comes when the command has ended and left processes running. These are
// asked to stop anyway, so the first request to stop adds nothing: it is not passed on.
void Supervisor::handle_late(const Signals::Arrival& signal, const Child& child, bool were_asked) {
  if (signal.number == SIGCHLD) return;
  if (is_stop_request(signal.number)) {
    const bool is_first = !stop_requested_;
    if (is_first) last_request_ = signal.number;
    if (is_known_request(signal) || is_first) {
      if (were_asked) say(signal_text(signal.number) + ": what is left was asked to stop already");
      return;
    }
  }
  child.send(signal.number);
  say("passed " + signal_text(signal.number) + " on to what is left");
}

// Handles a signal that comes while the command runs. SIGINT from the terminal went to the whole
// process group, so the command has it already. A training that gets it twice dies at once, without
// a save.
void Supervisor::handle(const Signals::Arrival& signal, const Child& child) {
  if (signal.number == SIGCHLD) return;
  if (is_stop_request(signal.number)) {
    if (is_known_request(signal)) {
      say(signal_text(signal.number) + " again, from another process: the same request");
      return;
    }
    last_request_ = signal.number;
    ++requests_passed_on_;
  }
  if (signal.number == SIGINT && signal.from_kernel && child.is_in_our_group()) {
    say(signal_text(signal.number) +
        " came from the terminal, which has sent it to the command too");
    return;
  }
  child.send(signal.number);
  say("passed " + signal_text(signal.number) + " on to the command");
}

// True if this request to stop is a copy of an earlier one. When somebody sends a request to a
// whole process group, the parent of this process (a batch shell) gets it too and may pass it on.
// So one signal from the parent and one from somebody else count as one request.
bool Supervisor::is_known_request(const Signals::Arrival& signal) {
  if (!std::exchange(stop_requested_, true)) {
    parent_was_first_ = signal.from_parent;
    return false;
  }
  return signal.from_parent != parent_was_first_ && !std::exchange(other_has_come_, true);
}

// True if the command died of the first request itself, and a later start can go on from a
// checkpoint. Such a command has no handler for the signal, or had not set it yet, and counts as
// stopped. SIGHUP is left out: it means the end of a session, not that the command will be started
// again.
bool Supervisor::died_of_the_request(const Outcome& outcome) {
  const Steps steps = runs_.newest_steps();
  const bool has_checkpoint = std::any_of(steps.begin(), steps.end(),
                                          [](const auto& run) { return run.second.has_value(); });
  return has_checkpoint && requests_passed_on_ == 1 && last_request_ != SIGHUP &&
         outcome.status == 128 + last_request_;
}

// True if a process that the command had left running has saved and stopped on request. Then there
// is more to train, whatever a wrapper's own status says.
bool Supervisor::has_left_one_that_stopped() const {
  return std::any_of(left_.begin(), left_.end(), [](const EndedProcess& one) {
    return outcome_of(one.status).verdict == Verdict::kPreempted;
  });
}

int Supervisor::end_with(const Outcome& outcome) {
  const bool failed = stop_requested_ && outcome.verdict == Verdict::kFailure;
  if ((failed || outcome.verdict == Verdict::kComplete) && has_left_one_that_stopped()) {
    say(happened_ + (stop_requested_ ? "; it had been asked to stop, and what" : "; but what") +
        " it had left running has saved and stopped");
    return kStopped;
  }
  if (stop_requested_ && died_of_the_request(outcome)) {
    say(happened_ + "; it had been asked to stop");
    return kStopped;
  }
  const bool hopeless = outcome.verdict == Verdict::kHopeless && !stop_requested_;
  say(happened_ + (hopeless ? "; starting it again would not help" : ""));
  return hopeless ? kBadUsage : outcome.status;
}

bool Supervisor::back_off(double seconds) {
  const auto end = Clock::now() + clock_time(std::chrono::duration<double>(seconds));
  while (const auto signal = signals_.wait_until(end)) {
    if (is_stop_request(signal->number)) return false;
  }
  return true;
}

int Supervisor::give_up(Refusal refusal, const Outcome& outcome) {
  const bool stalled = refusal == Refusal::kNoProgress;
  const std::string reason =
      stalled ? "failures in a row without a new checkpoint: " + std::to_string(policy_.stalled())
              : "all allowed restarts used: " + std::to_string(policy_.restarts());
  say(happened_ + "; giving up (" + reason + ")");
  runs_.log(events::GaveUp{policy_.restarts(), outcome.cause, reason, {}});
  return kFailed;
}

void Supervisor::log_restart(const Outcome& outcome) {
  runs_.log(events::Restart{policy_.restarts(), outcome.cause, {}});
}

void Supervisor::say(const std::string& text) {
  out_ << "holdfast run: " + printable(text) + "\n" << std::flush;
}

}  // namespace holdfast::tool
