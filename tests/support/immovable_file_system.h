// A file system that cannot rename a directory unless it was made through this object. An overlay
// file system is like that for directories of its lower layer.
#pragma once

#include <sys/stat.h>

#include <cerrno>
#include <mutex>
#include <set>
#include <utility>

#include "support/forwarding_file_system.h"

namespace holdfast::testing {

class ImmovableFileSystem final : public ForwardingFileSystem {
 public:
  int mkdir(int directory, const char* name, mode_t mode) override {
    const int result = ForwardingFileSystem::mkdir(directory, name, mode);
    struct stat info {};
    if (result == 0 && fstatat(directory, name, &info) == 0) {
      const std::lock_guard<std::mutex> lock(mutex_);
      made_.insert({info.st_dev, info.st_ino});
    }
    return result;
  }
  int rename(int from_directory, const char* from, int to_directory, const char* to,
             unsigned flags) override {
    struct stat info {};
    if (fstatat(from_directory, from, &info) == 0 && S_ISDIR(info.st_mode) && !was_made(info))
      return -EXDEV;
    return ForwardingFileSystem::rename(from_directory, from, to_directory, to, flags);
  }

 private:
  bool was_made(const struct stat& info) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return made_.count({info.st_dev, info.st_ino}) > 0;
  }

  std::mutex mutex_;
  std::set<std::pair<dev_t, ino_t>> made_;
};

}  // namespace holdfast::testing
