#include <fcntl.h>
#include <holdfast/checkpoint/store/proving.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <utility>

namespace holdfast {
namespace {

constexpr std::string_view kStep = "step ";
constexpr std::string_view kResume = "resume ";

std::optional<std::int64_t> parse_step(std::string_view digits) noexcept {
  std::int64_t step = -1;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, step);
  if (error != std::errc() || stop != end || step < 0) return std::nullopt;
  return step;
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
Heartbeat::Heartbeat() noexcept {
  const char* const path = std::getenv(kHeartbeatVariable);
  if (path == nullptr || *path == '\0') return;
  fd_ = open(path, O_RDWR | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

Heartbeat::~Heartbeat() {
  if (fd_ >= 0) close(fd_);
}

void Heartbeat::completed(std::int64_t step) noexcept {
  if (step == last_) return;
  last_ = step;
  tell(kStep, step);
}

void Heartbeat::resumed(std::int64_t step) noexcept {
  last_ = step;
  tell(kResume, step);
}

void Heartbeat::tell(std::string_view what, std::int64_t step) noexcept {
  if (fd_ < 0) return;
  std::array<char, 32> line{};  // 7 + 20 + 1 at most
  char* end = std::copy(what.begin(), what.end(), line.data());
  end = std::to_chars(end, line.data() + line.size() - 1, step).ptr;
  *end++ = '\n';
  [[maybe_unused]] const ssize_t written =
      write(fd_, line.data(), static_cast<std::size_t>(end - line.data()));
}

}  // namespace holdfast
