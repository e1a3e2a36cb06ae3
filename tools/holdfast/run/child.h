// One start of the command: a child process, and the signals that concern it.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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

// A running command. It gets SIGTERM when the parent dies: an orphan would keep the run's lock.
class Child {
 public:
  // Starts the command, found through PATH, with these variables added to the environment.
  // Error(kInvalidArgument): it cannot be executed. Another Error: no process could be made.
  // Without `output` it stays in the process group of the parent, so that the terminal's job
  // control works. With it, it is set apart: in a group of its own, with nothing to read, and what
  // it prints goes to that descriptor. Its end is then the end of the group: what is left of it
  // is killed and waited for, also by the destructor.
  Child(const std::vector<std::string>& command, const Environment& variables,
        const Signals& signals, std::optional<int> output = std::nullopt);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  std::optional<int> ended();   // its status as waitpid(2) has it; empty: it still runs
  void send(int signal) const;  // nothing once its end was seen
  void kill_group() const;      // SIGKILL to the whole group of one that is set apart; the same
  bool is_in_our_group() const;

 private:
  void end_group();

  pid_t pid_;
  bool is_apart_;
  std::optional<int> status_;
};

}  // namespace holdfast::tool
