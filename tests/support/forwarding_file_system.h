// The operating system's file system, for tests that change one call of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast::testing {

class ForwardingFileSystem : public FileSystem {
 public:
  explicit ForwardingFileSystem(std::shared_ptr<FileSystem> base = posix_file_system())
      : base_(std::move(base)) {}

  int open(int directory, const char* name, int flags, mode_t mode) override {
    return base_->open(directory, name, flags, mode);
  }
  int close(int fd) override { return base_->close(fd); }
  void close_in_child(int fd) noexcept override { base_->close_in_child(fd); }
  ssize_t pread(int fd, void* to, std::size_t count, std::uint64_t offset) override {
    return base_->pread(fd, to, count, offset);
  }
  ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) override {
    return base_->pwrite(fd, from, count, offset);
  }
  int fsync(int fd) override { return base_->fsync(fd); }
  int ftruncate(int fd, std::uint64_t size) override { return base_->ftruncate(fd, size); }
  int set_flags(int fd, int flags) override { return base_->set_flags(fd, flags); }
  int fstat(int fd, struct stat* info) override { return base_->fstat(fd, info); }
  int fstatat(int directory, const char* name, struct stat* info) override {
    return base_->fstatat(directory, name, info);
  }
  int mkdir(int directory, const char* name, mode_t mode) override {
    return base_->mkdir(directory, name, mode);
  }
  int rename(int from_directory, const char* from, int to_directory, const char* to,
             unsigned flags) override {
    return base_->rename(from_directory, from, to_directory, to, flags);
  }
  int unlink(int directory, const char* name, int flags) override {
    return base_->unlink(directory, name, flags);
  }
  int flock(int fd, int operation) override { return base_->flock(fd, operation); }
  int list(int directory, std::vector<std::string>& names) override {
    return base_->list(directory, names);
  }
  int map(int fd, std::size_t bytes, void** memory) override {
    return base_->map(fd, bytes, memory);
  }
  int prefetch(int fd, std::size_t count, std::uint64_t offset) override {
    return base_->prefetch(fd, count, offset);
  }
  int unmap(void* memory, std::size_t bytes) override { return base_->unmap(memory, bytes); }

 private:
  const std::shared_ptr<FileSystem> base_;
};

// Its fsync() does nothing. For tests with a thousand saves, which do not test crashes.
class UnsyncedFileSystem final : public ForwardingFileSystem {
 public:
  int fsync(int) override { return 0; }
};

}  // namespace holdfast::testing
