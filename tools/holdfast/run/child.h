// One start of a command as a child process, and the signals that this process handles for it.
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

// Collects signals instead of letting them act on this process. After construction, SIGHUP, SIGINT,
// SIGTERM, SIGUSR1, SIGUSR2 and SIGCHLD wait to be fetched here, and SIGPIPE does nothing. They
// stay blocked after destruction, so that a late signal does not replace the exit status. A signal
// that this process was started to ignore, as by nohup(1), stays ignored. The process must have
// only one thread.
class Signals {
 public:
  Signals();
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  struct Arrival {
    int number;
    bool from_kernel;  // sent by the terminal to all its foreground processes, not by kill(2)
    bool from_parent;  // sent by the process that started this one
  };
  using Deadline = std::chrono::steady_clock::time_point;

  // Waits for a signal and fetches it.
  Arrival wait() const;
  // Empty if none comes before the deadline. Fetches a waiting signal even if the deadline has
  // passed.
  std::optional<Arrival> wait_until(Deadline deadline) const;

  // For poll(2): readable while a signal waits to be fetched.
  int descriptor() const { return descriptor_; }

  // Restores the signal mask from before the construction. A child calls it between fork and exec.
  void restore_mask() const;

 private:
  sigset_t fetched_, before_;
  int descriptor_ = -1;
};

using Environment = std::vector<std::pair<std::string, std::string>>;

// Owns a file descriptor.
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

// A running command. It gets SIGTERM when this process dies, because an orphan would keep the run's
// lock. Processes that the command leaves running become children of this process, in whatever
// session they are.
class Child {
 public:
  // Starts the command, which is looked up in PATH. Adds `variables` to its environment, and
  // UCX_HANDLE_ERRORS=none unless that is set, so that a crash ends the command.
  // Error(kInvalidArgument) if the command cannot be executed; another Error if no process could be
  // made.
  //
  // Without `output`, the command stays in the process group of this process, so that the
  // terminal's job control works. If nobody reads the standard output or error any more, as behind
  // head(1), the command gets /dev/null instead and does not die of SIGPIPE.
  //
  // With `output`, the command is set apart: it has a process group of its own, reads /dev/null,
  // and prints to that descriptor. A process of ours, the guard, stands between this process and
  // the command. When the command has ended, when kill_all() or the destructor is called, or when
  // this process has died, the guard kills all processes that the command has started and that are
  // left, in whatever session. ended() waits for the guard too.
  //
  // Children that this process had before are left alone in both cases. But if the guard itself was
  // killed, processes that those children have left behind since are ended, too. Processes that
  // cannot be ended (descendants.h) are left alone after a while.
  Child(const std::vector<std::string>& command, const Environment& variables,
        const Signals& signals, std::optional<int> output = std::nullopt);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::optional<int> ended();  // the status as from waitpid(2); empty while the command runs

  // The next four are for a command that is not set apart.
  //
  // Call when the command has ended: the processes that it has left running and that have lost
  // their parents. A process that such a process has started is returned once its parent has ended.
  // If empty, nothing is left and nothing will follow.
  std::set<pid_t> left();
  // The left processes that have ended by now, in the order in which they ended.
  const std::vector<EndedProcess>& ended_later() const { return ended_later_; }
  // Sends a signal to the command, or, once it has ended, to what it has left running.
  void send(int signal) const;
  // Kills (SIGKILL) all processes that the command has left running, and those that these leave in
  // turn, until there are none.
  // Returns those that cannot be ended (descendants.h).
  std::set<pid_t> kill_left();

  // Kills (SIGKILL) all processes of a command that is set apart.
  void kill_all();
  // True if the command is in the process group of this process.
  bool is_in_our_group() const;

 private:
  struct Start;

  [[noreturn]] void be_command(Start& start) const;
  [[noreturn]] void be_guard(Start& start);
  void take_status_of_guard(int status_of_guard);
  bool wait_for_children();  // true if a child had ended

  pid_t pid_;  // of the command, or of its guard
  bool is_apart_;
  Pipe lifeline_;           // the guard ends everything when this is closed
  Pipe result_;             // the guard writes the command's status to it
  std::set<pid_t> others_;  // children that this process had before
  std::optional<int> status_;
  std::map<pid_t, std::string> left_;  // names of the left processes
  std::vector<EndedProcess> ended_later_;
};

}  // namespace holdfast::tool
