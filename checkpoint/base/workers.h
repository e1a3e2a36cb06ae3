// Threads for parallel work, and the error if none can be started. Only this room calls oneTBB.
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

// The number of threads that oneTBB will use if `threads` are asked for: at least 1, at most one a
// core or what a tbb::global_control of the program allows. An arena of more threads would make
// oneTBB print a warning to standard error.
int workers_of(int threads);

// Threads that share the turns of a loop. Runs one loop at a time.
class Workers {
 public:
  explicit Workers(int threads);  // limited by workers_of()
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  int count() const { return count_; }

  // Calls turn(0) to turn(count - 1), each once. They start in this order, on the workers and on
  // the calling thread. If a turn throws, the exception is rethrown here and some turns may not
  // have been called. If no thread can be started (no memory, a limit of threads), the calling
  // thread takes all turns, and the next loop tries again. In a child made by fork(2) of a process
  // that has used workers, the calling thread takes all turns too: oneTBB does not work there.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& turn);

 private:
  struct Arena;

  const int count_;
  std::unique_ptr<Arena> arena_;  // null until it is needed
};

// The Error(kIo) that says that no thread can be started, and why.
Error no_thread(const std::string& reason);

// Runs `work` on a thread of its own. get() of the future throws what the work threw; the future's
// destructor waits for the work to end. Error(kIo) if no thread can be started.
template <typename Work>
std::future<void> run_aside(Work&& work) {
  try {
    return std::async(std::launch::async, std::forward<Work>(work));
  } catch (const std::system_error& error) {
    throw no_thread(error.what());
  }
}

}  // namespace holdfast
