// Runs an action once, on the thread that asks first.
#pragma once

#include <mutex>

namespace holdfast {

// Other threads wait until the action has ended. If it throws, the exception reaches the caller,
// and the next call of run() tries again. std::call_once() is not used because it lets the
// exception pass through the C library, which ends the process if it has no memory left to load its
// unwinder.
class Once {
 public:
  template <typename Action>
  void run(const Action& action) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_done_) return;
    action();
    is_done_ = true;
  }

 private:
  std::mutex mutex_;
  bool is_done_ = false;
};

}  // namespace holdfast
