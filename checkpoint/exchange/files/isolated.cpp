#include <holdfast/checkpoint/exchange/files/isolated.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <utility>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::exchange {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kHeaderBytes = 9;  // of a message: its length in 8 bytes, and a tag
constexpr char kResult = 0;              // the tag of a result; of an Error: its kind, from 1 on

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

 private:
  int fd_;
};

void limit(int resource, std::uint64_t most) {
  const rlimit limits{most, most};
  setrlimit(static_cast<__rlimit_resource_t>(resource), &limits);
}

std::uint64_t own_memory() {
  std::uint64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// Takes from this process what it does not need: signal handlers, output, files, memory, time.
void give_up_rights(const IsolationLimits& limits) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int signal = 1; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  const int nowhere = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  limit(RLIMIT_AS, own_memory() + limits.memory_bytes);
  limit(RLIMIT_CPU, static_cast<std::uint64_t>(limits.processor_seconds));
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_NOFILE, 0);
}

std::string message_of(char tag, const std::string& text) {
  const std::uint64_t length = text.size();
  std::string message(reinterpret_cast<const char*>(&length), sizeof length);
  message += tag;
  return message + text;
}

// The path, a byte of 0, and what is wrong with it.
std::string text_of(Error error) {
  const std::string path = error.path();
  return path + '\0' + error.at("").what();
}

Error error_of(ErrorKind kind, const std::string& text) {
  const std::size_t end = text.find('\0');
  Error error(kind, text.substr(end == std::string::npos ? 0 : end + 1));
  if (end != std::string::npos && end > 0) error.at(text.substr(0, end));
  return error;
}

std::string message_of(const std::function<std::string()>& work) {
  try {
    return message_of(kResult, work());
  } catch (const Error& error) {
    return message_of(static_cast<char>(static_cast<int>(error.kind()) + 1), text_of(error));
  }
}

bool write_all(int fd, const std::string& message) {
  for (std::size_t done = 0; done < message.size();) {
    const ssize_t count = ::write(fd, message.data() + done, message.size() - done);
    if (count < 0 && errno != EINTR) return false;
    done += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
  return true;
}

[[noreturn]] void be_the_copy(const std::function<std::string()>& work, int output,
                              const IsolationLimits& limits) noexcept {
  give_up_rights(limits);
  try {
    _exit(write_all(output, message_of(work)) ? 0 : 1);
  } catch (...) {  // no memory, most likely
    _exit(1);
  }
}

// The copy, as this process sees it. The destructor ends it.
class Copy {
 public:
  Copy(pid_t id, Descriptor input) : id_(id), input_(std::move(input)) {}
  ~Copy() {
    kill(id_, SIGKILL);
    wait();
  }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  // Its message; or the part that came before it ended or the time was up.
  std::string read(const IsolationLimits& limits) {
    const Clock::time_point deadline = Clock::now() + std::chrono::seconds(limits.seconds);
    std::string message;
    while (!is_complete(message) && message.size() <= limits.result_bytes + kHeaderBytes) {
      if (!wait_for_input(deadline)) break;
      char buffer[1 << 16];
      const ssize_t count = ::read(input_.get(), buffer, sizeof buffer);
      if (count == 0 || (count < 0 && errno != EINTR)) break;
      message.append(buffer, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    }
    return message;
  }

  static bool is_complete(const std::string& message) {
    if (message.size() < kHeaderBytes) return false;
    std::uint64_t length = 0;
    std::memcpy(&length, message.data(), sizeof length);
    return message.size() - kHeaderBytes == length;
  }

  // Ends it, and says how it ended, for a message.
  std::string ending() {
    kill(id_, SIGKILL);
    const int status = wait();
    const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    if (signal == SIGKILL || signal == SIGXCPU) return "it took too long or gave too much";
    if (signal != 0) return std::string("it crashed: ") + strsignal(signal);
    return "it ran out of memory";
  }

 private:
  bool wait_for_input(Clock::time_point deadline) const {
    for (;;) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
      pollfd waiting{input_.get(), POLLIN, 0};
      const int ready = left <= 0 ? 0 : poll(&waiting, 1, static_cast<int>(left));
      if (ready >= 0 || errno != EINTR) return ready > 0;
    }
  }

  // Once; later calls return the same.
  int wait() {
    if (is_waited_for_) return status_;
    is_waited_for_ = true;
    while (waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
    }
    return status_;
  }

  pid_t id_;
  Descriptor input_;
  bool is_waited_for_ = false;
  int status_ = 0;
};

Error no_process(int errnum) {
  return Error(ErrorKind::kIo, "a process cannot be started")
      .os_error(errnum)
      .remedy(errnum != EAGAIN ? ""
                               : "raise the limit of processes and threads (ulimit -u; pids.max of "
                                 "the cgroup), or let there be fewer");
}

// Moves a descriptor away from 0, 1 and 2. A pipe gets one of these numbers where this process has
// closed its standard input or output, and the copy would replace it with /dev/null.
Descriptor beyond_standard(Descriptor any) {
  if (any.get() > STDERR_FILENO) return any;
  Descriptor moved(fcntl(any.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (moved.get() < 0) throw no_process(errno);
  return moved;
}

}  // namespace

std::string run_isolated(const std::string& what, const std::function<std::string()>& work,
                         const IsolationLimits& limits) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) < 0) throw no_process(errno);
  Descriptor first(ends[0]), second(ends[1]);
  Descriptor input = beyond_standard(std::move(first));
  Descriptor output = beyond_standard(std::move(second));
  const pid_t id = fork();
  if (id < 0) throw no_process(errno);
  if (id == 0) be_the_copy(work, output.get(), limits);
  output.close();
  Copy copy(id, std::move(input));
  const std::string message = copy.read(limits);
  if (!Copy::is_complete(message)) throw Error(ErrorKind::kCorrupt, what).found(copy.ending());
  const char tag = message[kHeaderBytes - 1];
  std::string text = message.substr(kHeaderBytes);
  if (tag == kResult) return text;
  throw error_of(static_cast<ErrorKind>(tag - 1), text);
}

}  // namespace holdfast::exchange
