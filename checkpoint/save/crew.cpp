#include <holdfast/checkpoint/save/crew.h>

#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <utility>

namespace holdfast {

// What start() was given, and how far it is.
class Crew::Job {
 public:
  Job(std::size_t count, std::function<void(std::size_t)> task, std::function<void(bool)> at_end)
      : count_(count), task_(std::move(task)), at_end_(std::move(at_end)), left_(count) {
    if (count == 0) end();
  }

  // Counts every task, also those that are skipped after a failure: when the last one is counted,
  // no thread is in a task any more.
  void work() noexcept {
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

  // Returns the first failure.
  std::exception_ptr wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    end_.wait(lock, [this] { return ended_; });
    return std::exchange(failure_, nullptr);
  }

 private:
  void end() {
    if (at_end_) at_end_(!failed_);
    const std::lock_guard<std::mutex> lock(mutex_);
    ended_ = true;
    end_.notify_all();
  }

  const std::size_t count_;
  const std::function<void(std::size_t)> task_;
  const std::function<void(bool)> at_end_;
  std::atomic<std::size_t> next_{0}, left_;
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  // guards the next two
  std::exception_ptr failure_;
  bool ended_ = false;
  std::condition_variable end_;
};

// Each thread holds a reference. So a forked process, in which the threads are missing, never
// destroys it: destroying a condition variable that has a waiter may block for ever.
struct Crew::Shared {
  std::mutex mutex;  // guards the rest
  std::condition_variable changed;
  std::shared_ptr<Job> job;
  int seats = 0;  // threads that the job may still have
  bool closing = false;

  void serve() {
    std::unique_lock<std::mutex> lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return closing || seats > 0; });
      if (closing) return;
      --seats;
      std::shared_ptr<Job> mine = job;
      lock.unlock();
      mine->work();
      mine.reset();
      lock.lock();
    }
  }
};

Crew::Crew() : shared_(std::make_shared<Shared>()) {}

Crew::~Crew() {
  if (!owner_.is_this()) {
    for (std::thread& thread : threads_) thread.detach();
    return;
  }
  try {
    join();
  } catch (...) {  // dropped, as the header says
  }
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->closing = true;
  }
  shared_->changed.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Crew::start(std::size_t count, int threads, std::function<void(std::size_t)> task,
                 std::function<void(bool)> at_end) {
  job_ = std::make_shared<Job>(count, std::move(task), std::move(at_end));
  try {
    while (threads_.size() < static_cast<std::size_t>(threads))
      threads_.emplace_back([shared = shared_] { shared->serve(); });
  } catch (const std::exception&) {  // no thread, or no memory for one: join() does the work
  }
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->job = job_;
    shared_->seats = threads;
  }
  shared_->changed.notify_all();
}

void Crew::join() {
  if (job_ == nullptr) return;
  const std::shared_ptr<Job> job = std::exchange(job_, nullptr);
  job->work();
  const std::exception_ptr failure = job->wait();
  {
    const std::lock_guard<std::mutex> lock(shared_->mutex);
    shared_->job = nullptr;
    shared_->seats = 0;
  }
  if (failure != nullptr) std::rethrow_exception(failure);
}

}  // namespace holdfast
