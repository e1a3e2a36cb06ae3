// The directory that the bench writes to.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace holdfast::bench {

// A new directory below `parent`. It is removed when the object is destroyed, and also when the
// process ends in any way, even if it is killed: a second process waits for that.
class Scratch {
 public:
  // `disk`: the most bytes that will be in the directory at once. `memory`: the most bytes of
  // memory that the benchmark will use. Throws Error(kNoSpace) if the machine has less of either.
  Scratch(const std::string& parent, std::uint64_t disk, std::uint64_t memory);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Waits until the file system has written everything, so that the next measurement does not pay
  // for earlier writes.
  void settle() const;

 private:
  void start_guard();

  std::string path_;
  int lifeline_ = -1;  // a pipe: when this end closes, the guard process removes the directory
  pid_t guard_ = -1;
};

}  // namespace holdfast::bench
