// Mounts an overlay file system, as containers use it: the files of the image are in a lower layer,
// whose directories cannot be renamed.
#pragma once

#include <sys/mount.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "support/small_disk.h"

namespace holdfast::testing {

// Mounted while this object lives. The process must be allowed to mount (small_disk.h:
// enter_a_namespace_of_its_own()).
class Overlay {
 public:
  // Mounts it at path/mount, over what is in path/lower. Returns nullptr if that is not allowed.
  static std::unique_ptr<Overlay> mount_at(const std::string& path) {
    for (const char* name : {"/lower", "/upper", "/mount"})
      std::filesystem::create_directories(path + name);
    // The upper layer of an overlay cannot be on an overlay, and /tmp may be on one.
    auto disk = SmallDisk::mount_at(path + "/upper", 64 << 20);
    if (disk == nullptr) return nullptr;
    std::filesystem::create_directory(path + "/upper/data");
    std::filesystem::create_directory(path + "/upper/work");
    const std::string options = "lowerdir=" + path + "/lower,upperdir=" + path +
                                "/upper/data,workdir=" + path + "/upper/work,redirect_dir=off";
    if (::mount("none", (path + "/mount").c_str(), "overlay", 0, options.c_str()) != 0)
      return nullptr;
    return std::make_unique<Overlay>(path + "/mount", std::move(disk));
  }
  Overlay(std::string path, std::unique_ptr<SmallDisk> disk)
      : disk_(std::move(disk)), path_(std::move(path)) {}
  ~Overlay() { ::umount2(path_.c_str(), MNT_DETACH); }
  Overlay(const Overlay&) = delete;
  Overlay& operator=(const Overlay&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::unique_ptr<SmallDisk> disk_;
  std::string path_;
};

}  // namespace holdfast::testing
