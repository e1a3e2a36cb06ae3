// A temporary file for bytes that may not fit into memory.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// The file is in the directory that TMPDIR names, else in /var/tmp. It is made at the first
// reserve(), and its name is removed at once, so that nothing is left however the process ends.
// Several threads may use it at once. Its Errors say to set TMPDIR.
class Spool {
 public:
  explicit Spool(std::shared_ptr<FileSystem> fs) : fs_(std::move(fs)) {}

  std::uint64_t reserve(std::uint64_t bytes);  // the offset where the caller may write them
  void write_at(std::uint64_t offset, ByteView bytes);
  void read_exactly(std::uint64_t offset, ByteSpan to) const { file_->read_exactly(offset, to); }

 private:
  std::shared_ptr<FileSystem> fs_;
  std::mutex mutex_;          // guards what follows
  std::optional<File> file_;  // does not change after the first reserve(): read without the mutex
  std::uint64_t end_ = 0;
};

}  // namespace holdfast::exchange
