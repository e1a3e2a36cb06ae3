// A file system in memory that keeps a record of what it was asked to change.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <holdfast/checkpoint/storage/file_system.h>

#include "disk/disk.h"

namespace holdfast::testing {

struct Sync {
  NodeId node = kRoot;  // what was changed of it before is durable
};
struct FailedSync {
  NodeId node = kRoot;  // writes to it that were not durable may be lost for good
};
struct Mark {
  std::int64_t value = 0;  // the program was told something here
};
using LogEntry = std::variant<Change, Sync, FailedSync, Mark>;

// Behaves as Linux does, for what Holdfast asks (file_system_test.cpp runs the same tests on both),
// but for links, permissions and times, which it does not have. The current directory is the root.
// May be used by several threads at once.
class MemoryFileSystem final : public FileSystem {
 public:
  explicit MemoryFileSystem(Disk disk = {});

  Disk disk() const;  // as the running system sees it
  std::vector<LogEntry> log() const;
  void mark(std::int64_t value);  // into the log
  int open_descriptors() const;
  void fail_fsync(int kth);  // the kth from now, once, with EIO
  int fsyncs() const;        // that were asked for
  // Called by the thread that asks for an fsync, before it is made. Empty: nothing is. To be set
  // while nobody else uses the file system.
  void before_fsync(std::function<void()> action) { before_fsync_ = std::move(action); }

  int open(int directory, const char* path, int flags, mode_t mode) override;
  int close(int fd) override;
  ssize_t pread(int fd, void* to, std::size_t count, std::uint64_t offset) override;
  ssize_t pwrite(int fd, const void* from, std::size_t count, std::uint64_t offset) override;
  int fsync(int fd) override;
  int ftruncate(int fd, std::uint64_t size) override;
  int set_flags(int fd, int flags) override;
  int fstat(int fd, struct stat* info) override;
  int fstatat(int directory, const char* path, struct stat* info) override;
  int mkdir(int directory, const char* path, mode_t mode) override;
  int rename(int from_directory, const char* from, int to_directory, const char* to,
             unsigned flags) override;
  int unlink(int directory, const char* path, int flags) override;
  int flock(int fd, int operation) override;
  int list(int directory, std::vector<std::string>& names) override;
  int map(int fd, std::size_t bytes, void** memory) override;  // a copy of what is there now
  int unmap(void* memory, std::size_t bytes) override;
  int prefetch(int, std::size_t, std::uint64_t) override { return 0; }

 private:
  struct Descriptor {
    NodeId node = kRoot;
    bool readable = false, writable = false;
    bool direct = false;
    bool locks = false;
  };
  // Where a path leads: the directory of its last component, that component, and what is there.
  struct Place {
    int error = 0;
    NodeId directory = kRoot;
    std::string name;  // empty: the path is that of `directory` itself
    std::optional<NodeId> target;
  };

  Place resolve(int directory, const std::string& path) const;
  Descriptor* find(int fd);
  NodeId parent_of(NodeId directory) const;
  bool is_directory(NodeId id) const { return disk_.find(id)->directory; }
  void change(Change change);
  void link(const Place& place, NodeId target, bool directory);
  void unlink_entry(const Place& place);
  void stat_node(NodeId id, struct stat* info) const;

  mutable std::mutex mutex_;
  Disk disk_;
  std::vector<LogEntry> log_;
  std::map<int, Descriptor> descriptors_;
  std::map<NodeId, int> locked_by_;
  NodeId next_node_ = 0;
  int next_fd_ = 1000;
  std::function<void()> before_fsync_;
  int fsyncs_ = 0;
  int failing_fsync_ = 0;
};

}  // namespace holdfast::testing
