#include <holdfast/checkpoint/base/forks.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <new>

namespace holdfast {
namespace {

// As process-wide as fork() is. None of them has a destructor that does anything: a process may
// open files, and fork, until its very end.
std::atomic<std::uint64_t> forks{0};
std::mutex list_mutex;
NotInherited* first = nullptr;

}  // namespace

void let_all_go() noexcept {
  for (NotInherited* one = first; one != nullptr; one = one->after_) one->let_go_(one->what_);
}

namespace {

// Held while the process is copied: the copy has a whole list, and a mutex that nobody holds.
void before_fork() {
  list_mutex.lock();
}
void in_parent() {
  list_mutex.unlock();
}
void in_child() {
  forks.fetch_add(1);
  let_all_go();
  list_mutex.unlock();
}

void watch_forks() {
  static const bool is_watching = [] {
    if (pthread_atfork(before_fork, in_parent, in_child) != 0) throw std::bad_alloc();
    return true;
  }();
  static_cast<void>(is_watching);
}

}  // namespace

OwnerProcess::OwnerProcess() : id_(getpid()) {
  watch_forks();
  forks_ = forks;
}

// The number tells a copy that was given the id of its dead ancestor; the id, one that was made
// past the handlers.
bool OwnerProcess::is_this() const noexcept {
  return forks == forks_ && getpid() == id_;
}

NotInherited::NotInherited(LetGo let_go, void* what) : let_go_(let_go), what_(what) {
  watch_forks();
  const std::lock_guard<std::mutex> lock(list_mutex);
  after_ = first;
  if (first != nullptr) first->before_ = this;
  first = this;
}

NotInherited::~NotInherited() {
  const std::lock_guard<std::mutex> lock(list_mutex);
  (before_ == nullptr ? first : before_->after_) = after_;
  if (after_ != nullptr) after_->before_ = before_;
}

}  // namespace holdfast
