// Finds and ends the processes that this process has started, and those that they have started.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace holdfast::tool {

// From now on, each descendant of this process becomes its child when it loses its parent, even if
// it is in another session or process group.
void adopt_descendants();

// The children of this process, including those that have ended and were not waited for. Empty if
// /proc cannot be read.
std::set<pid_t> children();

// The name of a process as ps(1) shows it. Empty if it cannot be read, as for a process that has
// gone.
std::string process_name(pid_t process);

// A process that has ended, with its status as from waitpid(2).
struct EndedProcess {
  pid_t process = 0;
  std::string name;
  int status = 0;
};

// Decides when to stop trying to end processes. A process that waits inside the kernel (for a disk
// that does not answer, or a device) accepts a kill but does not end.
class Patience {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kForKilled{30};    // enough to free huge memory, too
  static constexpr std::chrono::seconds kForUntouched{1};  // if no process could be sent a kill

  explicit Patience(Time now) : progress_(now) {}

  // Call after each round of kills. `has_ended`: a process has ended since the last round.
  // `killed`: the processes that were sent a kill in this round. Returns true if for kForKilled (or
  // kForUntouched, if `killed` is empty) no process has ended and no new one was killed.
  bool is_over(bool has_ended, const std::set<pid_t>& killed, Time now);

 private:
  std::set<pid_t> killed_;  // in the last round
  Time progress_;
};

using OnEnd = std::function<void(pid_t, int status)>;

// Kills (SIGKILL) the children of this process, except `others`, and waits for them, until there
// are none. After adopt_descendants() this ends their children too, and so on. Gives up when
// Patience is over, on processes that this process has no right to kill or that do not end. Calls
// `on_end` with the status, as from waitpid(2), of each child that has ended, including `others`.
// Returns the status of the child `one` if it has ended.
std::optional<int> end_descendants(pid_t one, std::set<pid_t> others = {},
                                   const OnEnd& on_end = {});

}  // namespace holdfast::tool
