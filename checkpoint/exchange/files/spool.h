// Bytes that may be too many for memory, in a file of their own.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// A temporary file in the directory that TMPDIR names, else in /var/tmp. It is made when there is
// something to hold and loses its name at once, so that nothing is left of it however the process
// ends. May be used by several threads at once. An Error that it throws says what to do about
// TMPDIR.
class Spool {
 public:
  explicit Spool(std::shared_ptr<FileSystem> fs) : fs_(std::move(fs)) {}

  std::uint64_t reserve(std::uint64_t bytes);  // where the caller may write so many
  void write_at(std::uint64_t offset, ByteView bytes);
  void read_exactly(std::uint64_t offset, ByteSpan to) const { file_->read_exactly(offset, to); }

 private:
  std::shared_ptr<FileSystem> fs_;
  std::mutex mutex_;          // of what follows, until the first reserve() has returned
  std::optional<File> file_;  // from then on it stays as it is
  std::uint64_t end_ = 0;
};

}  // namespace holdfast::exchange
