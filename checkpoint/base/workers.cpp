#include <holdfast/checkpoint/base/forks.h>
#include <holdfast/checkpoint/base/happens_before.h>
#include <holdfast/checkpoint/base/workers.h>

#include <algorithm>
#include <atomic>
#include <new>

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

namespace holdfast {
namespace {

// False in a forked child. The child inherits the state of oneTBB but not its threads: a lock that
// one of those threads held at the fork stays locked forever.
bool may_use_threads() {
  static const OwnerProcess first_user;
  return first_user.is_this();
}

}  // namespace

struct Workers::Arena {
  explicit Arena(int threads) : arena(threads) {}
  tbb::task_arena arena;
};

int workers_of(int threads) {
  using tbb::global_control;
  const std::size_t most = global_control::active_value(global_control::max_allowed_parallelism);
  const auto wanted = static_cast<std::size_t>(std::max(threads, 1));
  return static_cast<int>(std::clamp<std::size_t>(most, 1, wanted));
}

Workers::Workers(int threads) : count_(workers_of(threads)) {}
Workers::~Workers() = default;

// An arena that has failed is thrown away: if its initialization threw, the next use of it would
// wait forever for that initialization.
void Workers::for_each(std::size_t count, const std::function<void(std::size_t)>& turn) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> has_thrown{false};  // true if a turn has thrown, rather than oneTBB
  const auto take_turns = [&] {
    try {
      for (std::size_t i = next++; i < count; i = next++) turn(i);
    } catch (...) {
      has_thrown = true;
      next = count;  // no thread takes another turn
      throw;
    }
  };
  if (count_ > 1 && count > 1 && may_use_threads()) {
    const HappensAfter after(&next);
    try {
      if (arena_ == nullptr) arena_ = std::make_unique<Arena>(count_);
      arena_->arena.execute([&] {
        tbb::parallel_for(0, count_, [&](int) {
          const HappensBefore before(&next);
          take_turns();
        });
      });
    } catch (...) {
      if (has_thrown) throw;
      arena_.reset();
    }
  }
  take_turns();  // the turns that are left: all of them if there are no threads
}

Error no_thread(const std::string& reason) {
  return Error(ErrorKind::kIo, "no thread can be started")
      .found(reason)
      .remedy(
          "raise the limit of threads (ulimit -u; pids.max of the cgroup) or of memory (ulimit "
          "-v), or let the program have fewer threads");
}

}  // namespace holdfast
