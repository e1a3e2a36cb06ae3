// Threads, and what is said where there can be none. The one place that calls oneTBB.
#pragma once

#include <cstddef>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {

// Of so many that are asked for, as many as oneTBB gives, which warns on the standard error of an
// arena that has more: one a core, unless a tbb::global_control of the program's says otherwise.
int workers_of(int threads);

// Threads that share the turns of a loop. A loop at a time.
class Workers {
 public:
  explicit Workers(int threads);  // at most; as workers_of() has it
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int count() const { return count_; }

  // Calls turn(0) to turn(count - 1), each once; they begin in this order. Throws what one of them
  // threw: then not all were called. Where no thread can be started, or there is no memory for
  // one, this thread takes all turns, and the next loop tries again; in a child made by fork(2) of
  // a process that had such threads, too.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& turn);

 private:
  struct Arena;

  const int count_;
  std::unique_ptr<Arena> arena_;  // null until it is needed
};

// Error(kIo): no thread can be started.
Error no_thread(const std::string& reason);

// Runs the work on a thread of its own. The future throws what it threw, and waits for its end when
// it is destroyed. Error(kIo) if no thread can be started.
template <typename Work>
std::future<void> run_aside(Work&& work) {
  try {
    return std::async(std::launch::async, std::forward<Work>(work));
  } catch (const std::system_error& error) {
    throw no_thread(error.what());
  }
}

}  // namespace holdfast
