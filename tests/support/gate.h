// A place where a thread of a test waits until the test lets it go on.
#pragma once

#include <condition_variable>
#include <mutex>

namespace holdfast::testing {

// By several threads at once. Once open, it stays open.
class Gate {
 public:
  void pass() {
    std::unique_lock<std::mutex> lock(mutex_);
    is_reached_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return is_open_; });
  }
  void wait_until_reached() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return is_reached_; });
  }
  void open() {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_reached_ = false, is_open_ = false;
};

}  // namespace holdfast::testing
