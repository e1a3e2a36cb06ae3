#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/protocol/supervision.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>

namespace holdfast {

// The file belongs to the supervisor, not to the run: it is written without the run's FileSystem.
// It is never made here, and a FIFO without a reader does not hold the training up.
void announce_run(const Directory& run) noexcept {
  const char* file = std::getenv(kRunsFileVariable);
  if (file == nullptr || *file == '\0') return;
  try {
    const std::string line = std::filesystem::canonical(run.path()).string() + "\n";
    if (line.find('\n') + 1 != line.size()) return;
    const int fd = open(file, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return;
    [[maybe_unused]] const ssize_t written = write(fd, line.data(), line.size());
    close(fd);
  } catch (const std::exception&) {
    // The supervisor then does not see the run's progress.
  }
}

std::vector<std::string> read_announced_runs(const std::string& file) {
  std::ifstream lines(file, std::ios::binary);
  if (!lines) throw system_error(errno, "cannot read the list of runs", file);
  std::vector<std::string> runs;
  for (std::string line; std::getline(lines, line) && !lines.eof();) {
    const bool known = std::find(runs.begin(), runs.end(), line) != runs.end();
    if (!known && line.rfind('/', 0) == 0) runs.push_back(line);
  }
  return runs;
}

}  // namespace holdfast
