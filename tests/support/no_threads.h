// Lets the process start no more threads, as if ulimit -u or pids.max were reached.
#pragma once

namespace holdfast::testing {

// While such an object lives, pthread_create(3) fails with EAGAIN. The test program must be built
// with no_threads.cpp.
class NoThreads {
 public:
  NoThreads();
  ~NoThreads();
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
};

}  // namespace holdfast::testing
