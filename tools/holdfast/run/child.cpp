#include "child.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <poll.h>
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

// Some builds of LibTorch load UCX through MPI. UCX's handler for crashes allocates memory to print
// the stack. A training that crashes inside malloc() would hang in that handler and never end, so
// the variable switches the handler off.
constexpr const char* kUcxVariable = "UCX_HANDLE_ERRORS";

bool is_ignored(int signal) {
  struct sigaction action {};
  sigaction(signal, nullptr, &action);
  return action.sa_handler == SIG_IGN;
}

Error cannot_start(const std::vector<std::string>& command, int errnum) {
  return system_error(errnum, "cannot start the command", command.front());
}

Pipe make_pipe(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw cannot_start(command, errno);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

void tell(const Descriptor& fd, int number) {
  [[maybe_unused]] const ssize_t told = write(fd.get(), &number, sizeof number);
}

void redirect(int output) {
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
}

// If `output` is a pipe that nobody reads any more, replaces it by /dev/null. Otherwise every start
// of the command would die of SIGPIPE.
void replace_if_unread(int output) {
  pollfd fd{output, 0, 0};
  if (poll(&fd, 1, 0) == 1 && (fd.revents & POLLERR) != 0)
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), output);
}

// Empty if the other end was closed without a number.
std::optional<int> read_number(const Descriptor& fd) {
  int number = 0;
  ssize_t count = 0;
  do count = read(fd.get(), &number, sizeof number);
  while (count < 0 && errno == EINTR);
  return count == sizeof number ? std::optional<int>(number) : std::nullopt;
}

// Waits until the command has ended and returns its status, or until the other end of the lifeline
// is closed and returns nothing.
std::optional<int> watch(pid_t command, const Descriptor& lifeline, const Signals& signals) {
  for (;;) {
    int status = 0;
    pid_t ended = 0;
    while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
      if (ended == command) return status;
    std::array<pollfd, 2> sources{};
    sources[0] = {lifeline.get(), POLLIN, 0};
    sources[1] = {signals.descriptor(), POLLIN, 0};
    poll(sources.data(), sources.size(), -1);
    if (sources[0].revents != 0) return std::nullopt;
    while (signals.wait_until(std::chrono::steady_clock::now())) {
    }
  }
}

Signals::Arrival arrival_of(const siginfo_t& info) {
  const bool from_parent = info.si_code == SI_USER && info.si_pid == getppid();
  return {info.si_signo, info.si_code > 0, from_parent};
}

}  // namespace

Signals::Signals() {
  ::signal(SIGCHLD, SIG_DFL);  // if it was ignored, the kernel would discard the child's status
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

void Descriptor::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

// What the child process needs between fork() and exec().
struct Child::Start {
  std::vector<char*> arguments;
  const Environment& variables;
  const Signals& signals;
  std::optional<int> output;
  pid_t parent;
  // Closed by a successful exec(). Otherwise gets the errno of exec(), or -errno of the guard's
  // fork().
  Pipe failure;
};

Child::Child(const std::vector<std::string>& command, const Environment& variables,
             const Signals& signals, std::optional<int> output)
    : is_apart_(output.has_value()) {
  Start start{{}, variables, signals, output, getpid(), make_pipe(command)};
  for (const std::string& word : command)
    start.arguments.push_back(const_cast<char*>(word.c_str()));
  start.arguments.push_back(nullptr);
  others_ = children();
  adopt_descendants();  // gets what the command leaves running, or what a killed guard leaves
  if (is_apart_) {
    lifeline_ = make_pipe(command);
    result_ = make_pipe(command);
  }
  pid_ = fork();
  const int fork_error = errno;
  if (pid_ == 0 && is_apart_) be_guard(start);
  if (pid_ == 0) be_command(start);
  if (pid_ < 0) throw cannot_start(command, fork_error);
  start.failure.write.close();
  lifeline_.read.close();
  result_.write.close();
  const auto failure = read_number(start.failure.read);
  if (!failure) return;
  waitpid(pid_, nullptr, 0);
  if (*failure < 0) throw cannot_start(command, -*failure);
  throw Error(ErrorKind::kInvalidArgument, "the command cannot be executed")
      .at(command.front())
      .os_error(*failure);
}

Child::~Child() {
  if (!is_apart_ || status_) return;
  kill_all();
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  take_status_of_guard(status);
}

void Child::be_command(Start& start) const {
  for (const auto& [name, value] : start.variables) setenv(name.c_str(), value.c_str(), 1);
  setenv(kUcxVariable, "none", 0);
  if (is_apart_) {
    setpgid(0, 0);
  } else {
    replace_if_unread(STDOUT_FILENO);
    replace_if_unread(STDERR_FILENO);
  }
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  start.signals.restore_mask();
  // If the parent has died before prctl(), no signal will come: send it here.
  if (getppid() != start.parent) raise(SIGTERM);
  execvp(start.arguments[0], start.arguments.data());
  tell(start.failure.write, errno);
  _exit(EXIT_FAILURE);
}

// Runs in a process group of its own, so that it survives signals that the command or the terminal
// sends to a whole group.
void Child::be_guard(Start& start) {
  setpgid(0, 0);
  lifeline_.write.close();
  redirect(*start.output);
  adopt_descendants();
  start.parent = getpid();
  const pid_t command = fork();
  if (command == 0) be_command(start);
  if (command < 0) tell(start.failure.write, -errno);
  start.failure.write.close();
  std::optional<int> status;
  if (command > 0) status = watch(command, lifeline_.read, start.signals);
  const std::optional<int> killed = end_descendants(command);
  if (!status) status = killed;
  if (status) tell(result_.write, *status);
  _exit(status ? EXIT_SUCCESS : EXIT_FAILURE);
}

// A guard that ends by itself has ended all processes of the command before. If it was killed,
// these processes are children of this process by now, and are ended here. Children from before the
// start are left alone.
void Child::take_status_of_guard(int status_of_guard) {
  if (WIFSIGNALED(status_of_guard)) end_descendants(0, others_);
  status_ = read_number(result_.read).value_or(status_of_guard);
}

std::optional<int> Child::ended() {
  if (status_) return status_;
  if (!is_apart_) {
    wait_for_children();
    return status_;
  }
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_) take_status_of_guard(status);
  return status_;
}

// Waits for all children that have ended. The command may be the first or the last of them. Adopted
// processes that end while the command runs are forgotten; if the command has ended, they are noted
// in ended_later_.
bool Child::wait_for_children() {
  int status = 0;
  bool has_ended = false;
  std::vector<EndedProcess> ended;
  for (pid_t process = 0; (process = waitpid(-1, &status, WNOHANG)) > 0;) {
    has_ended = true;
    if (process == pid_) {
      status_ = status;
    } else if (others_.erase(process) == 0) {
      ended.push_back({process, left_[process], status});
    }
  }
  if (status_) ended_later_.insert(ended_later_.end(), ended.begin(), ended.end());
  return has_ended;
}

// Looks again as long as a child has ended meanwhile: that child may have left children of its own,
// which are now children of this process.
std::set<pid_t> Child::left() {
  std::set<pid_t> left;
  do {
    left.clear();
    for (const pid_t process : children()) {
      if (others_.count(process) > 0) continue;
      left.insert(process);
      if (left_.count(process) == 0) left_[process] = process_name(process);
    }
  } while (wait_for_children());
  return left;
}

void Child::send(int signal) const {
  if (!status_) {
    kill(pid_, signal);
    return;
  }
  for (const pid_t process : children())
    if (others_.count(process) == 0) kill(process, signal);
}

std::set<pid_t> Child::kill_left() {
  end_descendants(0, others_, [this](pid_t process, int status) {
    if (others_.erase(process) == 0) ended_later_.push_back({process, left_[process], status});
  });
  return left();
}

void Child::kill_all() {
  lifeline_.write.close();
}

bool Child::is_in_our_group() const {
  return getpgid(pid_) == getpgrp();
}

}  // namespace holdfast::tool
