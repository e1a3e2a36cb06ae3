// Where the bench writes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

namespace holdfast::bench {

// A directory of the bench's own below `parent`. It is removed when the object ends, and also when
// the process does, however it does: another process waits for that.
class Scratch {
 public:
  // `disk`: bytes that will lie there at the same time; `memory`: that the benchmark will take.
  // Throws Error(kNoSpace) where there is less room.
  Scratch(const std::string& parent, std::uint64_t disk, std::uint64_t memory);
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  // Returns when the file system has nothing left to write, so that what is measured next does not
  // wait for what was done before.
  void settle() const;

 private:
  void start_guard();

  std::string path_;
  int lifeline_ = -1;  // of the guard: it removes the directory when this end of it closes
  pid_t guard_ = -1;
};

}  // namespace holdfast::bench
