// Work that is shared between threads of its own and the thread that waits for it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include <holdfast/checkpoint/base/forks.h>

namespace holdfast {

// Runs task(0) … task(count - 1), each once, in about this order: on threads of its own from the
// start, and on the thread that calls join(). After a task has thrown, no other is begun. The
// threads are started when they are first needed, and kept: what a library keeps for each thread
// that calls it (OpenMP its own threads, malloc an arena) is made once. Methods are for one thread.
class Crew {
 public:
  Crew();
  // Waits as join() does, but drops what that would have thrown. In a process that was forked off
  // there are no threads: it waits for nothing.
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Precondition: nothing is in progress. Uses `threads` threads, 0 or more; fewer where the system
  // has no more, since join() can do all of it. `at_end` is called once, when the last task has
  // ended, by the thread that ran it, and is told whether all have succeeded. It must not throw; it
  // may be empty.
  void start(std::size_t count, int threads, std::function<void(std::size_t)> task,
             std::function<void(bool)> at_end = {});

  // Works along until no task is left, and waits for those that others have begun. Throws what a
  // task threw first. Returns at once where nothing is in progress.
  void join();
  bool in_progress() const { return job_ != nullptr; }  // started, and not joined

 private:
  class Job;
  struct Shared;

  std::shared_ptr<Job> job_;
  std::shared_ptr<Shared> shared_;  // with the threads
  std::vector<std::thread> threads_;
  const OwnerProcess owner_;  // has the threads
};

}  // namespace holdfast
