// FileSystem: the one seam between Holdfast and the operating system.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace holdfast {

// Each method makes one system call, has that call's meaning, and returns its result, or -errno if
// it failed. Nothing is retried here: File and Directory (file.h) retry interrupted and short calls
// and throw on failures. So a file system for tests replaces what the kernel does, and nothing
// else.
//
// Descriptors belong to the file system that returned them. All methods may be called by several
// threads at once. AT_FDCWD stands for the current directory.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // openat(2), with O_CLOEXEC. Never returns descriptor 0, 1 or 2, even if the program has closed
  // them: what somebody prints must not land in the file.
  virtual int open(int directory, const char* name, int flags, mode_t mode) = 0;
  virtual int close(int fd) = 0;
  // close(2) in a process made by fork(2), before fork() returns there. May do only what a signal
  // handler may: other threads are gone, and may have held any lock. Does nothing if the
  // descriptors are not the kernel's.
  virtual void close_in_child(int /*fd*/) noexcept {}
  virtual ssize_t pread(int fd, void* to, std::size_t count, std::uint64_t offset) = 0;
  virtual ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) = 0;
  // posix_fadvise(2), POSIX_FADV_WILLNEED: starts reading the bytes into memory and does not wait.
  virtual int prefetch(int fd, std::size_t count, std::uint64_t offset) = 0;
  virtual int fsync(int fd) = 0;  // of a file's data and size, or of a directory's entries
  virtual int ftruncate(int fd, std::uint64_t size) = 0;
  virtual int set_flags(int fd, int flags) = 0;  // fcntl(2) F_SETFL; flags is O_DIRECT or 0
  virtual int fstat(int fd, struct stat* info) = 0;
  // fstatat(2); of a link, not of what it points to
  virtual int fstatat(int directory, const char* name, struct stat* info) = 0;
  virtual int mkdir(int directory, const char* name, mode_t mode) = 0;  // mkdirat(2)
  // renameat2(2); flags is 0 or RENAME_NOREPLACE.
  virtual int rename(int from_directory, const char* from, int to_directory, const char* to,
                     unsigned flags) = 0;
  virtual int unlink(int directory, const char* name, int flags) = 0;  // unlinkat(2)
  virtual int flock(int fd, int operation) = 0;
  // mmap(2) of the first `bytes` bytes, readable and privately writable (MAP_PRIVATE): what is
  // written stays in this process. Returns 0 and sets *memory, or returns -errno.
  virtual int map(int fd, std::size_t bytes, void** memory) = 0;
  virtual int unmap(void* memory, std::size_t bytes) = 0;  // munmap(2)
  // Appends the names in the directory, without "." and "..", in any order. Returns 0 or -errno.
  virtual int list(int directory, std::vector<std::string>& names) = 0;
};

// The operating system's own. Holds no state.
std::shared_ptr<FileSystem> posix_file_system();

}  // namespace holdfast
