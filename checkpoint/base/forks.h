// fork(2) makes a copy of a process: with its memory and its open files, and with none of its
// threads but the one that called. What a run is to its process it must not be to a copy.
#pragma once

#include <cstdint>

namespace holdfast {

// The process that made an object, told from the copies that fork() makes of that process.
class OwnerProcess {
 public:
  OwnerProcess();
  // False in a copy, and in copies of it. May be called by the handler of a signal.
  bool is_this() const noexcept;

 private:
  std::int64_t id_;
  std::uint64_t forks_;  // from the first process that used this to the one that made the object
};

// From its construction to its destruction, let_go(what) is called in each process that fork()
// makes of this one, before fork() returns there. Another thread may have been in the midst of
// anything then: let_go may do only what the handler of a signal may. It is not called where a
// process is made past the handlers of pthread_atfork(3): by _Fork(3), or by clone(2) itself.
class NotInherited {
 public:
  using LetGo = void (*)(void* what);  // throws nothing

  NotInherited(LetGo let_go, void* what);
  ~NotInherited();
  NotInherited(const NotInherited&) = delete;
  NotInherited& operator=(const NotInherited&) = delete;

 private:
  friend void let_all_go() noexcept;

  const LetGo let_go_;
  void* const what_;
  NotInherited *before_ = nullptr, *after_ = nullptr;  // in the list of all there are
};

}  // namespace holdfast
