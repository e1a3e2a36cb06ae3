// Something that is done once, by whichever thread comes first.
#pragma once

#include <mutex>

namespace holdfast {

// Where the action throws, the next call does it. std::call_once() will not do: it lets the
// exception pass through the C library, which ends the process where it has no memory left to load
// what it unwinds with.
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
