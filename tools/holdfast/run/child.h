// One start of the command: a child process, and the signals that concern it.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "descendants.h"

namespace holdfast::tool {

// From its construction until the process ends, what may be passed on (SIGHUP, SIGINT, SIGTERM,
// SIGUSR1, SIGUSR2), SIGCHLD and SIGPIPE wait here to be fetched and do nothing else. They stay so
// afterwards: one that comes late must not replace the exit status. A signal that the process was
// started to ignore, as nohup has it, stays ignored. For one thread, which is the only one.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  struct Arrival {
    int number;
    bool from_kernel;  // by the terminal, to all processes in its foreground; not by kill(2)
    bool from_parent;  // by the process that started this one
  };
  using Deadline = std::chrono::steady_clock::time_point;

  Arrival wait() const;
  std::optional<Arrival> wait_until(
      Deadline deadline) const;  // one that is there already, at least

  // For poll(2): can be read while one waits to be fetched.
  int descriptor() const { return descriptor_; }

  // As it was before: what a child needs between fork and exec.
  void restore_mask() const;

 private:
  sigset_t fetched_, before_;
  int descriptor_ = -1;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  ~Descriptor() { close(); }
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

  int get() const { return fd_; }
  void close();

 private:
  int fd_;
};

struct Pipe {
  Descriptor read, write;
};

// A running command. It gets SIGTERM when the parent dies: an orphan would keep the run's lock.
// What it has started and leaves running becomes this process's to end, in whatever session that
// is.
class Child {
 public:
  // Starts the command, found through PATH, with these variables added to the environment, and
  // UCX_HANDLE_ERRORS=none unless it is set: a crash is to end it.
  // Error(kInvalidArgument): it cannot be executed. Another Error: no process could be made.
  // Without `output` it stays in the process group of the parent, so that the terminal's job
  // control works; where nobody reads the standard output or error any more, as behind head(1), it
  // gets /dev/null in its place, and does not die of SIGPIPE. With `output`, it is set apart: in a
  // group of its own, with nothing to read, and what it prints goes to that descriptor. A process
  // of ours, the guard, stands between the two: when the command has ended, or all of it is to be
  // killed, or the parent has died of whatever, it kills all that the command has started and that
  // is left, in whatever session. The end of the command is then the end of the guard. The
  // destructor does the same. Children that this process had before are left alone, in either case;
  // but where the guard itself was killed, what those have left behind since is ended, too. What
  // cannot be ended (descendants.h) is left after a while.
  Child(const std::vector<std::string>& command, const Environment& variables,
        const Signals& signals, std::optional<int> output = std::nullopt);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::optional<int> ended();  // its status as waitpid(2) has it; empty: it still runs
  // Of one that is not set apart, once it has ended: the processes that it has left running, as far
  // as they have lost their parents; those that they have started follow when they have ended.
  // Empty: there is none, and none follows.
  std::set<pid_t> left();
  // Those of them that have ended by now, in that order.
  const std::vector<EndedProcess>& ended_later() const { return ended_later_; }
  void send(int signal) const;  // to one that is not set apart; to what is left, once it has ended
  // SIGKILL to all that is left, and what comes after it, until there is none. Returns what cannot
  // be ended (descendants.h).
  std::set<pid_t> kill_left();
  void kill_all();  // SIGKILL to all processes of one that is set apart
  bool is_in_our_group() const;

 private:
  struct Start;

  [[noreturn]] void be_command(Start& start) const;
  [[noreturn]] void be_guard(Start& start);
  void take_status_of_guard(int status_of_guard);
  bool wait_for_children();  // whether one had ended

  pid_t pid_;  // of the command, or of its guard
  bool is_apart_;
  Pipe lifeline_;           // the guard watches for its end
  Pipe result_;             // where the guard tells the command's status
  std::set<pid_t> others_;  // children of this process, before
  std::optional<int> status_;
  std::map<pid_t, std::string> left_;  // with their names
  std::vector<EndedProcess> ended_later_;
};

}  // namespace holdfast::tool
