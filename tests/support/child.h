// A part of a test in a process of its own, which can be killed, limited, and run out of disk.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <exception>
#include <iostream>

namespace holdfast::testing {

// Runs the action in a process forked from this one, which must have one thread only. Returns at
// once, with its id.
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

// 0 if the action returned, 1 if it threw (and what it threw was printed), 128 + the signal that
// ended the child.
inline int wait_for_child(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

template <typename Action>
int run_child(const Action& action) {
  return wait_for_child(start_child(action));
}

}  // namespace holdfast::testing
