// What happens to objects when the process calls fork(2). The child has a copy of the memory and of
// the open files, but only the thread that called fork(). Locks, open files and background work of
// a run belong to the parent alone: the child must not use them.
#pragma once

#include <cstdint>

namespace holdfast {

// Remembers which process made an object, so that a forked child can tell that it did not.
class OwnerProcess {
 public:
  OwnerProcess();
  // True in the process that made this object; false in its forked children and their children. May
  // be called in a signal handler.
  bool is_this() const noexcept;

 private:
  std::int64_t id_;
  std::uint64_t forks_;  // how many times this process's line had been forked by then
};

// While an object of this class lives, each child made by fork() calls let_go(what) before fork()
// returns in the child. Other threads of the parent may have been in the middle of anything, so
// let_go may do only what a signal handler may do. It is not called for children that are made
// without the handlers of pthread_atfork(3), that is by _Fork(3) or by clone(2).
class NotInherited {
 public:
  using LetGo = void (*)(void* what);  // must not throw

  NotInherited(LetGo let_go, void* what);
  ~NotInherited();
  NotInherited(const NotInherited&) = delete;
  NotInherited& operator=(const NotInherited&) = delete;

 private:
  friend void let_all_go() noexcept;

  const LetGo let_go_;
  void* const what_;
  NotInherited *before_ = nullptr, *after_ = nullptr;  // neighbours in the list of all of them
};

}  // namespace holdfast
