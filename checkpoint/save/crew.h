// Threads that share work with the thread that waits for it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <holdfast/checkpoint/base/forks.h>

namespace holdfast {

// Runs task(0) to task(count - 1), each once, in about this order, on threads of its own and on the
// thread that calls join(). When a task has thrown, no other is begun. Methods are for one thread.
//
// Threads are started when they are first needed, and kept: what a library makes for each thread
// that calls it (OpenMP its own threads, malloc an arena) is made once.
class Crew {
 public:
  Crew();
  // Waits as join() does and drops what that would have thrown. In a child made by fork(2), where
  // the threads are missing, it waits for nothing.
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Starts the tasks on `threads` threads, which may be 0. If the system cannot start so many, uses
  // fewer: join() can do all of the work. `at_end` may be empty. It is called once, on the thread
  // that ran the last task, and is told whether all tasks have succeeded. It must not throw.
  // Precondition: nothing is in progress.
  void start(std::size_t count, int threads, std::function<void(std::size_t)> task,
             std::function<void(bool)> at_end = {});

  // Runs tasks until none is left and waits for those that others have begun. Throws what a task
  // threw first. Returns at once if nothing is in progress.
  void join();
  bool in_progress() const { return job_ != nullptr; }  // started, and not joined

 private:
  class Job;
  struct Shared;

  std::shared_ptr<Job> job_;
  std::shared_ptr<Shared> shared_;  // between this and the threads
  std::vector<std::thread> threads_;
  const OwnerProcess owner_;  // the process that has the threads
};

}  // namespace holdfast
