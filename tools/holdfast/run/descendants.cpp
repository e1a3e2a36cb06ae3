#include "descendants.h"

#include <dirent.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <string>
#include <thread>

namespace holdfast::tool {
namespace {

constexpr std::chrono::milliseconds kBetweenLooks(2);
constexpr int kMostLooksInVain = 500;

// 0: it has ended. /proc/PID/stat is "PID (NAME) STATE PARENT …", and a name may have parentheses.
pid_t parent_of(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string stat;
  std::getline(file, stat, '\0');
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos || name_end + 4 >= stat.size()) return 0;
  return static_cast<pid_t>(std::strtol(stat.c_str() + name_end + 4, nullptr, 10));
}

// A child's id stays its own until it is waited for. False: no child was there to be killed.
bool kill_children() {
  const std::unique_ptr<DIR, int (*)(DIR*)> processes(opendir("/proc"), closedir);
  if (!processes) return false;
  bool has_killed = false;
  while (const dirent* const entry = readdir(processes.get())) {
    const std::string name = entry->d_name;
    if (name.find_first_not_of("0123456789") != std::string::npos || parent_of(name) != getpid())
      continue;
    if (kill(std::atoi(name.c_str()), SIGKILL) == 0) has_killed = true;
  }
  return has_killed;
}

}  // namespace

void adopt_descendants() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
}

std::optional<int> end_descendants(pid_t one) {
  std::optional<int> found;
  for (int in_vain = 0; in_vain < kMostLooksInVain;) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
      if (ended == one) found = status;
    if (ended < 0) break;  // there is none
    in_vain = kill_children() ? 0 : in_vain + 1;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return found;
}

}  // namespace holdfast::tool
