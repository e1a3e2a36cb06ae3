// Work that is shared between threads of its own and the thread that waits for it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace holdfast {

// Runs task(0) … task(count - 1), each once, in about this order: on threads of its own from the
// start, and on the thread that calls join(). After a task has thrown, no other is begun.
class Crew {
 public:
  // Starts `threads` threads, 0 or more; fewer where the system has no more, since join() can do
  // all of it. `at_end` is called once, when the last task has ended, by the thread that ran it,
  // and is told whether all have succeeded. It must not throw; it may be empty.
  Crew(std::size_t count, int threads, std::function<void(std::size_t)> task,
       std::function<void(bool)> at_end = {});
  ~Crew();  // as join(), but drops what that would have thrown
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  // Works along until no task is left, and waits for those that others have begun. Throws what a
  // task threw first. By one thread, once or again.
  void join();

 private:
  void work() noexcept;
  void end();

  const std::size_t count_;
  const std::function<void(std::size_t)> task_;
  const std::function<void(bool)> at_end_;
  std::atomic<std::size_t> next_{0}, left_;
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // guards the next two
  std::exception_ptr failure_;
  bool ended_;
  std::condition_variable end_;
  std::vector<std::thread> threads_;
};

}  // namespace holdfast
