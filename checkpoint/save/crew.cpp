#include <holdfast/checkpoint/save/crew.h>

#include <utility>

namespace holdfast {

Crew::Crew(std::size_t count, int threads, std::function<void(std::size_t)> task,
           std::function<void(bool)> at_end)
    : count_(count),
      task_(std::move(task)),
      at_end_(std::move(at_end)),
      left_(count),
      ended_(count == 0) {
  if (count == 0 && at_end_) at_end_(true);
  try {
    threads_.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  } catch (const std::exception&) {  // no thread, or no memory for one: join() makes up for it
  }
}

Crew::~Crew() {
  try {
    join();
  } catch (...) {  // as said
  }
}

void Crew::join() {
  work();
  {
    std::unique_lock<std::mutex> lock(mutex_);
    end_.wait(lock, [this] { return ended_; });
  }
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
  if (failure_ != nullptr) std::rethrow_exception(failure_);
}

// Counts every task, also those that are passed over after a failure: who counts the last one knows
// that no other thread is in a task any more.
void Crew::work() noexcept {
  for (std::size_t i = next_++; i < count_; i = next_++) {
    try {
      if (!failed_) task_(i);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (failure_ == nullptr) failure_ = std::current_exception();
      failed_ = true;
    }
    if (--left_ == 0) end();
  }
}

void Crew::end() {
  if (at_end_) at_end_(!failed_);
  const std::lock_guard<std::mutex> lock(mutex_);
  ended_ = true;
  end_.notify_all();
}

}  // namespace holdfast
