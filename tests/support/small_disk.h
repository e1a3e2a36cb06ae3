// Disks that really run full.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

namespace holdfast::testing {

// Mounts a tmpfs of a given size, while this object lives.
class SmallDisk {
 public:
  // Returns nullptr if this process may not mount anything.
  static std::unique_ptr<SmallDisk> mount_at(const std::string& path, std::uint64_t bytes) {
    const std::string size = "size=" + std::to_string(bytes);
    if (::mount("none", path.c_str(), "tmpfs", 0, size.c_str()) != 0) return nullptr;
    return std::make_unique<SmallDisk>(path);
  }
  explicit SmallDisk(std::string path) : path_(std::move(path)) {}
  ~SmallDisk() { ::umount2(path_.c_str(), MNT_DETACH); }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

 private:
  std::string path_;
};

// Gives this process mounts of its own. If it is not root, makes it the root of a user namespace,
// so that it may mount, if the system allows that. The process must have only one thread.
inline void enter_a_namespace_of_its_own() {
  const std::string user = std::to_string(::getuid()), group = std::to_string(::getgid());
  if (::unshare(CLONE_NEWNS) == 0 || ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return;
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " + user + " 1";
  std::ofstream("/proc/self/gid_map") << "0 " + group + " 1";
}

// While this object lives, no file that this process writes can be larger than `bytes`: writes
// beyond fail with EFBIG.
class SmallFiles {
 public:
  explicit SmallFiles(std::uint64_t bytes) {
    getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~SmallFiles() {
    setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }
  SmallFiles(const SmallFiles&) = delete;
  SmallFiles& operator=(const SmallFiles&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

}  // namespace holdfast::testing
