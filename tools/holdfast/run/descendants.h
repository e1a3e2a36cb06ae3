// The processes that a process has started, and those that they have.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <string>

namespace holdfast::tool {

// From now on what loses its parent, below this process, becomes its child, also where it has left
// its session and its group.
void adopt_descendants();

// The children of this process, those that have ended and were not waited for included. Empty where
// /proc cannot be read.
std::set<pid_t> children();

// As ps(1) has it, of a process that may have ended; empty where that cannot be read.
std::string process_name(pid_t process);

// A process that has ended, and how, as waitpid(2) has it.
struct EndedProcess {
  pid_t process = 0;
  std::string name;
  int status = 0;
};

// How long ending processes is kept up. One in the kernel's hands (a disk that does not answer, a
// device) takes a kill and does not end.
class Patience {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::chrono::seconds kForKilled{30};    // to give back huge memory, too
  static constexpr std::chrono::seconds kForUntouched{1};  // while no kill is taken

  explicit Patience(Time now) : progress_(now) {}

  // To be asked after each look: whether one had ended since the last look, and which have taken a
  // kill now. Over is it when for so long none has ended and none is new.
  bool is_over(bool has_ended, const std::set<pid_t>& killed, Time now);

 private:
  std::set<pid_t> killed_;  // at the last look
  Time progress_;
};

using OnEnd = std::function<void(pid_t, int status)>;

// Kills (SIGKILL) the children of this process but `others`, and waits for them, until there is
// none: with adopt_descendants() also theirs, and so on. What Patience is over for is left: one
// that this process has no right to kill, or that cannot end. Returns the status of `one`, as
// waitpid(2) has it, if that was among them. Tells the same of each that has ended, of the others
// too.
std::optional<int> end_descendants(pid_t one, std::set<pid_t> others = {},
                                   const OnEnd& on_end = {});

}  // namespace holdfast::tool
