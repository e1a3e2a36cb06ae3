#include "heartbeats.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "run/temporary.h"

namespace holdfast::tool {
namespace {

constexpr std::size_t kLongestLine = 64;  // a longer line is no heartbeat

}  // namespace

Heartbeats::Heartbeats() : path_(temporary_directory() + "/holdfast-heartbeat-" + random_id()) {
  constexpr const char* kProblem = "cannot make the FIFO for the command's heartbeat";
  if (mkfifo(path_.c_str(), S_IRUSR | S_IWUSR) != 0) throw system_error(errno, kProblem, path_);
  // Opened to write too: a FIFO without any writer would be at its end, and poll() would not wait.
  fd_ = open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd_ >= 0) {
    flock(fd_, LOCK_EX | LOCK_NB);  // without the lock a training does not wait to be killed
    return;
  }
  const int errnum = errno;
  unlink(path_.c_str());
  throw system_error(errnum, kProblem, path_);
}

Heartbeats::~Heartbeats() {
  close(fd_);
  unlink(path_.c_str());
}

std::vector<Beat> Heartbeats::read() {
  std::vector<Beat> beats;
  read_into(beats);
  return beats;
}

std::vector<Beat> Heartbeats::read_all() {
  std::vector<Beat> beats;
  while (read_into(beats)) {
  }
  return beats;
}

bool Heartbeats::read_into(std::vector<Beat>& beats) {
  std::array<char, 1 << 16> bytes{};
  const ssize_t count = ::read(fd_, bytes.data(), bytes.size());
  if (count > 0) split({bytes.data(), static_cast<std::size_t>(count)}, beats);
  return count > 0;
}

void Heartbeats::split(std::string_view bytes, std::vector<Beat>& beats) {
  for (const char c : bytes) {
    if (c != '\n') {
      if (line_.size() < kLongestLine) line_ += c;
      continue;
    }
    if (const auto beat = parse_beat(line_)) beats.push_back(*beat);
    line_.clear();
  }
}

}  // namespace holdfast::tool
