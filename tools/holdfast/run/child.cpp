#include "child.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>

namespace holdfast::tool {
namespace {

constexpr int kPassedOn[] = {SIGHUP, SIGINT, SIGTERM, SIGUSR1, SIGUSR2};

bool is_ignored(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

Error cannot_start(const std::vector<std::string>& command, int errnum) {
  return system_error(errnum, "cannot start the command", command.front());
}

void set_apart(int output) {
  setpgid(0, 0);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
}

// Between fork and exec; returns only if the command cannot be executed. A parent that was gone
// before its death could be watched for is one that died.
void become(char* const* arguments, const Environment& variables, const Signals& signals,
            std::optional<int> output, pid_t parent) {
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  if (output) set_apart(*output);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  signals.restore_mask();
  if (getppid() != parent) raise(SIGTERM);
  execvp(arguments[0], arguments);
}

// Until that child, or one of a group where it is negative, has ended.
int wait_for(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return status;
}

// It stays a zombie, and its id its own.
bool is_over(pid_t pid) {
  siginfo_t info{};
  return waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
         info.si_pid == pid;
}

// What the child wrote before it gave up: the errno of its exec. 0: the pipe was closed by an exec.
int read_failure(int fd) {
  int failure = 0;
  ssize_t count = 0;
  do count = read(fd, &failure, sizeof failure);
  while (count < 0 && errno == EINTR);
  return count == sizeof failure ? failure : 0;
}

Signals::Arrival arrival_of(const siginfo_t& info) {
  const bool from_parent = info.si_code == SI_USER && info.si_pid == getppid();
  return {info.si_signo, info.si_code > 0, from_parent};
}

}  // namespace

Signals::Signals() {
  ::signal(SIGCHLD, SIG_DFL);  // ignored, it would take the child's status away
  sigemptyset(&fetched_);
  sigaddset(&fetched_, SIGCHLD);
  for (const int signal : kPassedOn)
    if (!is_ignored(signal)) sigaddset(&fetched_, signal);
  sigset_t blocked = fetched_;
  sigaddset(&blocked, SIGPIPE);
  sigprocmask(SIG_BLOCK, &blocked, &before_);
  descriptor_ = signalfd(-1, &fetched_, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor_ < 0) throw system_error(errno, "cannot watch for signals", "signalfd");
}

Signals::~Signals() {
  close(descriptor_);
}

Signals::Arrival Signals::wait() const {
  siginfo_t info{};
  while (sigwaitinfo(&fetched_, &info) < 0) {
  }
  return arrival_of(info);
}

std::optional<Signals::Arrival> Signals::wait_until(Deadline deadline) const {
  for (;;) {
    using namespace std::chrono;
    const auto left =
        std::max(nanoseconds(0), duration_cast<nanoseconds>(deadline - steady_clock::now()));
    timespec timeout{};
    timeout.tv_sec = static_cast<time_t>(left.count() / 1'000'000'000);
    timeout.tv_nsec = static_cast<long>(left.count() % 1'000'000'000);
    siginfo_t info{};
    if (sigtimedwait(&fetched_, &info, &timeout) > 0) return arrival_of(info);
    if (errno == EAGAIN) return std::nullopt;
  }
}

void Signals::restore_mask() const {
  sigprocmask(SIG_SETMASK, &before_, nullptr);
}

Child::Child(const std::vector<std::string>& command, const Environment& variables,
             const Signals& signals, std::optional<int> output)
    : is_apart_(output.has_value()) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::array<int, 2> failure{};
  if (pipe2(failure.data(), O_CLOEXEC) != 0) throw cannot_start(command, errno);
  if (is_apart_) prctl(PR_SET_CHILD_SUBREAPER, 1);  // what is left of the group is ours to wait for
  const pid_t parent = getpid();
  pid_ = fork();
  const int fork_error = errno;
  if (pid_ == 0) {
    become(arguments.data(), variables, signals, output, parent);
    const int errnum = errno;
    [[maybe_unused]] const ssize_t told = write(failure[1], &errnum, sizeof errnum);
    _exit(EXIT_FAILURE);
  }
  close(failure[1]);
  const int exec_error = pid_ < 0 ? 0 : read_failure(failure[0]);
  close(failure[0]);
  if (pid_ < 0) throw cannot_start(command, fork_error);
  if (exec_error == 0) return;
  waitpid(pid_, nullptr, 0);
  throw Error(ErrorKind::kInvalidArgument, "the command cannot be executed")
      .at(command.front())
      .os_error(exec_error);
}

Child::~Child() {
  if (is_apart_ && !status_) end_group();
}

// While the command itself is not waited for, no other group can have its id.
void Child::end_group() {
  kill_group();
  status_ = wait_for(pid_);
  while (waitpid(-pid_, nullptr, 0) > 0 || errno == EINTR) {
  }
}

std::optional<int> Child::ended() {
  if (is_apart_ && !status_ && is_over(pid_)) end_group();
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
  return status_;
}

void Child::send(int signal) const {
  if (!status_) kill(pid_, signal);
}

void Child::kill_group() const {
  if (!status_) kill(-pid_, SIGKILL);
}

bool Child::is_in_our_group() const {
  return getpgid(pid_) == getpgrp();
}

}  // namespace holdfast::tool
