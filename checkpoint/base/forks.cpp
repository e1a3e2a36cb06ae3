#include <holdfast/checkpoint/base/forks.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <new>

namespace holdfast {
namespace {

// Global because fork() concerns the whole process. Their destructors do nothing, so they stay
// usable when static objects are destroyed: a process may open files, and fork, until its very end.
std::atomic<std::uint64_t> forks{0};
std::mutex list_mutex;
NotInherited* first = nullptr;

}  // namespace

void let_all_go() noexcept {
  for (NotInherited* one = first; one != nullptr; one = one->after_) one->let_go_(one->what_);
}

namespace {

// The mutex is held during fork(), so that the child gets a consistent list and can unlock the
// mutex.
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

// Neither check is enough alone. A child may be given the process id of its dead ancestor: the
// number of forks differs. A child made without the atfork handlers has the same number: the id
// differs.
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
