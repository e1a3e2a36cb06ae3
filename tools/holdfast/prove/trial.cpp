#include "trial.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "heartbeats.h"

namespace holdfast::tool {
namespace {

using Clock = std::chrono::steady_clock;

class LogFile {
 public:
  explicit LogFile(const std::string& path)
      : fd_(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666)) {
    if (fd_ < 0) throw system_error(errno, "cannot write the command's log", path);
  }
  ~LogFile() { close(fd_); }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  int descriptor() const { return fd_; }

 private:
  int fd_;
};

Environment with_heartbeat(const Trial& trial, const Heartbeats& heartbeats) {
  const bool is_held = trial.is_held && trial.kill_at;
  Environment variables = trial.variables;
  variables.emplace_back(kHeartbeatVariable, heartbeats.path());
  variables.emplace_back(kHoldVariable, is_held ? std::to_string(*trial.kill_at) : "");
  return variables;
}

// A timeout for poll(2). At most an hour, since an int cannot hold every deadline: the caller polls
// again.
int milliseconds_until(Deadline deadline) {
  using namespace std::chrono;
  const Clock::time_point now = Clock::now();
  const Clock::time_point next = std::min(deadline, now + hours(1));
  return static_cast<int>(std::max<std::int64_t>(0, ceil<milliseconds>(next - now).count()));
}

void wait_for_news(const Heartbeats& heartbeats, const Signals& signals, Deadline deadline) {
  std::array<pollfd, 2> sources{};
  sources[0] = {heartbeats.descriptor(), POLLIN, 0};
  sources[1] = {signals.descriptor(), POLLIN, 0};
  poll(sources.data(), sources.size(), milliseconds_until(deadline));
}

void take(const std::vector<Beat>& beats, TrialResult& start) {
  for (const Beat& beat : beats) {
    if (beat.kind == Beat::Kind::kStep) start.last_step = beat.step;
    if (beat.kind == Beat::Kind::kResume && !start.last_step) start.resumed_from = beat.step;
  }
}

bool is_to_be_killed(const Trial& trial, const TrialResult& start) {
  return trial.kill_at && start.last_step && *start.last_step >= *trial.kill_at &&
         (!trial.may_kill || trial.may_kill());
}

}  // namespace

TrialResult run_trial(const Trial& trial, const Signals& signals, Deadline deadline) {
  TrialResult start;
  start.kill_at = trial.kill_at;
  Heartbeats heartbeats;
  const LogFile log(trial.log);
  Child child(trial.command, with_heartbeat(trial, heartbeats), signals, log.descriptor());
  bool has_killed = false;
  while (!child.ended()) {
    wait_for_news(heartbeats, signals, deadline);
    check_for_stop(signals, deadline);
    take(heartbeats.read(), start);
    if (has_killed || !is_to_be_killed(trial, start)) continue;
    child.kill_all();
    has_killed = true;
  }
  take(heartbeats.read_all(), start);
  start.outcome = outcome_of(*child.ended());
  start.killed = has_killed && start.outcome.status == 128 + SIGKILL;
  return start;
}

}  // namespace holdfast::tool
