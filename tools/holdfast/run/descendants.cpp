#include "descendants.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

namespace holdfast::tool {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks(2);

// The parent of a process; 0 if the process has gone. /proc/PID/stat is "PID (NAME) STATE PARENT
// …", and the name may contain parentheses.
pid_t parent_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string stat;
  std::getline(file, stat, '\0');
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return 0;
  return static_cast<pid_t>(std::strtol(stat.c_str() + name_end + 4, nullptr, 10));
}

// Returns the processes to which the signal could be sent. They are children of this process and
// were not waited for, so their ids cannot belong to other processes meanwhile.
std::set<pid_t> kill_all(const std::set<pid_t>& processes) {
  std::set<pid_t> killed;
  for (const pid_t process : processes)
    if (kill(process, SIGKILL) == 0) killed.insert(process);
  return killed;
}

std::set<pid_t> without(std::set<pid_t> processes, const std::set<pid_t>& others) {
  for (const pid_t other : others) processes.erase(other);
  return processes;
}

}  // namespace

void adopt_descendants() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

std::set<pid_t> children() {
  std::set<pid_t> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(opendir("/proc"), closedir);
  if (!processes) return found;
  while (const dirent* const entry = readdir(processes.get())) {
    const std::string name = entry->d_name;
    if (name.find_first_not_of("0123456789") == std::string::npos && parent_of(name) == getpid())
      found.insert(std::atoi(name.c_str()));
  }
  return found;
}

std::string process_name(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/comm");
  std::string name;
  std::getline(file, name);
  return name;
}

bool Patience::is_over(bool has_ended, const std::set<pid_t>& killed, Time now) {
  const bool has_new = !std::includes(killed_.begin(), killed_.end(), killed.begin(), killed.end());
  if (has_ended || has_new) progress_ = now;
  killed_ = killed;
  const Time::duration limit = killed.empty() ? kForUntouched : kForKilled;
  return now - progress_ >= limit;
}

std::optional<int> end_descendants(pid_t one, std::set<pid_t> others, const OnEnd& on_end) {
  using Clock = std::chrono::steady_clock;
  std::optional<int> found;
  Patience patience(Clock::now());
  for (;;) {
    int status = 0;
    bool has_ended = false;
    pid_t ended = 0;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0) {
      has_ended = true;
      others.erase(ended);
      if (ended == one) found = status;
      if (on_end) on_end(ended, status);
    }
    if (ended < 0) break;  // there are no children
    const std::set<pid_t> left = without(children(), others);
    if (left.empty() && !others.empty()) break;
    if (patience.is_over(has_ended, kill_all(left), Clock::now())) break;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return found;
}

}  // namespace holdfast::tool
