// A process that can have no further thread, as beyond ulimit -u or pids.max.
#pragma once

namespace holdfast::testing {

// While one lives, pthread_create(3) fails with EAGAIN. A test that has it lists no_threads.cpp
// among its sources.
class NoThreads {
 public:
  NoThreads();
  ~NoThreads();
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;
};

}  // namespace holdfast::testing
