#include <fcntl.h>
#include <holdfast/checkpoint/protocol/proving.h>
#include <poll.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <utility>

namespace holdfast {
namespace {

constexpr std::string_view kStep = "step ";
constexpr std::string_view kResume = "resume ";

constexpr std::chrono::milliseconds kBetweenLooks{10};

std::optional<std::int64_t> parse_step(std::string_view digits) noexcept {
  std::int64_t step = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, step);
  if (error != std::errc() || stop != end || step < 0) return std::nullopt;
  return step;
}

std::optional<std::int64_t> hold_step() noexcept {
  const char* const value = std::getenv(kHoldVariable);
  return value == nullptr ? std::nullopt : parse_step(value);
}

// Whoever has died holds none.
bool is_locked(int fd) noexcept {
  if (flock(fd, LOCK_SH | LOCK_NB) != 0) return errno == EWOULDBLOCK || errno == EINTR;
  flock(fd, LOCK_UN);
  return false;
}

}  // namespace

bool keeps_every_checkpoint() noexcept {
  const char* const value = std::getenv(kKeepAllVariable);
  return value != nullptr && std::string_view(value) == "1";
}

std::optional<Beat> parse_beat(std::string_view line) noexcept {
  for (const auto& [word, kind] :
       {std::pair(kStep, Beat::Kind::kStep), std::pair(kResume, Beat::Kind::kResume)}) {
    if (line.substr(0, word.size()) != word) continue;
    if (const auto step = parse_step(line.substr(word.size()))) return Beat{kind, *step};
  }
  return std::nullopt;
}

// A FIFO that is open to be read as well has a reader, so no write to it raises SIGPIPE.
Heartbeat::Heartbeat() {
  const char* const path = std::getenv(kHeartbeatVariable);
  if (path == nullptr || *path == '\0') return;
  not_inherited_.emplace(close_in_child, this);
  fd_ = open(path, O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (fd_ >= 0) hold_at_ = hold_step();
}

Heartbeat::~Heartbeat() {
  not_inherited_.reset();
  if (fd_ >= 0) close(fd_);
}

void Heartbeat::close_in_child(void* heartbeat) {
  const int fd = std::exchange(static_cast<Heartbeat*>(heartbeat)->fd_, -1);
  if (fd >= 0) close(fd);
}

void Heartbeat::completed(std::int64_t step) noexcept {
  if (last_ == step) return;
  last_ = step;
  tell(kStep, step);
  if (hold_at_ && step >= *hold_at_) wait_to_be_killed();
}

void Heartbeat::resumed(std::int64_t step) noexcept {
  last_ = step;
  tell(kResume, step);
}

void Heartbeat::wait_to_be_killed() noexcept {
  hold_at_.reset();
  while (is_locked(fd_)) std::this_thread::sleep_for(kBetweenLooks);
}

void Heartbeat::tell(std::string_view what, std::int64_t step) noexcept {
  if (fd_ < 0) return;
  std::array<char, 32> line{};  // 7 + 20 + 1 at most
  char* end = std::copy(what.begin(), what.end(), line.data());
  end = std::to_chars(end, line.data() + line.size() - 1, step).ptr;
  *end++ = '\n';
  const auto bytes = static_cast<std::size_t>(end - line.data());
  while (write(fd_, line.data(), bytes) < 0 &&
         (errno == EINTR || (errno == EAGAIN && await_room()))) {
  }
}

bool Heartbeat::await_room() noexcept {
  pollfd room{fd_, POLLOUT, 0};
  while (is_locked(fd_))
    if (poll(&room, 1, static_cast<int>(kBetweenLooks.count())) == 1) return true;
  return false;
}

}  // namespace holdfast
