// Runs a part of a test in a process of its own, which can be killed, be limited, or run out of
// disk.
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace holdfast::testing {

// Runs the action in a process that is forked from this one; this process must have only one
// thread. Returns the id of the new process, at once.
template <typename Action>
pid_t start_child(const Action& action) {
  std::cout.flush();
  const pid_t child = fork();
  if (child != 0) return child;
  int status = 0;
  try {
    action();
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    status = 1;
  }
  std::cout.flush();
  _exit(status);
}

// Waits for the child. Returns 0 if its action returned, 1 if it threw (the message was printed),
// or 128 + the signal that ended the child.
inline int wait_for_child(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// Forks a child that does nothing until no process has the pipe `until` open for writing. Returns
// its id when fork() has returned in the child: only then have the fork handlers closed there what
// the child must not keep.
inline pid_t start_idle_child(const std::array<int, 2>& until) {
  std::array<int, 2> started{};
  if (pipe(started.data()) != 0) throw std::runtime_error("there is no pipe");
  const pid_t child = start_child([&] {
    close(until[1]);
    close(started[0]);
    close(started[1]);
    char byte = 0;
    while (read(until[0], &byte, 1) < 0) {
    }
  });
  close(started[1]);
  char byte = 0;
  while (read(started[0], &byte, 1) < 0) {
  }
  close(started[0]);
  return child;
}

template <typename Action>
int run_child(const Action& action) {
  return wait_for_child(start_child(action));
}

// Runs the action in a process that is forked from this one, and returns what the action returns,
// or "threw: …". This process may have other threads, but the action must not need them. The action
// has one minute.
template <typename Action>
std::string told_by_child(const Action& action) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return "there is no pipe";
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    std::string told;
    try {
      told = action();
    } catch (const std::exception& error) {
      told = std::string("threw: ") + error.what();
    }
    for (std::size_t done = 0; done < told.size();) {
      const ssize_t count = write(ends[1], told.data() + done, told.size() - done);
      if (count <= 0) _exit(1);
      done += static_cast<std::size_t>(count);
    }
    _exit(0);
  }
  close(ends[1]);
  std::string told;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(ends[0], buffer, sizeof buffer)) > 0;)
    told.append(buffer, static_cast<std::size_t>(count));
  close(ends[0]);
  const int status = wait_for_child(child);
  return status == 0 ? told : told + " (ended with " + std::to_string(status) + ")";
}

}  // namespace holdfast::testing
