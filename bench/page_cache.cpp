#include "page_cache.h"

#include <fcntl.h>
#include <holdfast/checkpoint/base/error.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <functional>
#include <vector>

namespace holdfast::bench {
namespace {

namespace fs = std::filesystem;

void with_file(const std::string& path, const std::function<void(int)>& action) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw system_error(errno, "the file cannot be opened", path);
  action(fd);
  close(fd);
}

void for_each_file(const std::string& path, const std::function<void(int)>& action) {
  if (!fs::is_directory(path)) return with_file(path, action);
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path))
    if (entry.is_regular_file()) with_file(entry.path(), action);
}

}  // namespace

void drop_from_cache(const std::string& path) {
  for_each_file(path, [](int fd) {
    fsync(fd);
    posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
  });
}

void bring_into_cache(const std::string& path) {
  std::vector<char> buffer(8 << 20);
  for_each_file(path, [&](int fd) {
    while (read(fd, buffer.data(), buffer.size()) > 0) {
    }
  });
}

}  // namespace holdfast::bench
