#include "log/running.h"

#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/store/run_names.h>

#include <cstdio>
#include <filesystem>

namespace holdfast::tool {
namespace {

constexpr std::uint64_t kMostHolderBytes = 4096;

}  // namespace

bool is_running(const Directory& run) {
  if (run.type_of(kLockFile) != FileType::kRegular) return false;
  const File lock = run.open_file(kLockFile);
  if (lock.size() > kMostHolderBytes) return false;
  return is_alive(std::string(ByteView(lock.read_all(kMostHolderBytes)).text()), host_name());
}

bool is_alive(const std::string& holder, const std::string& this_host) {
  long pid = 0;
  int end = 0;
  if (std::sscanf(holder.c_str(), "pid %ld on host %n", &pid, &end) != 1 || end == 0) return false;
  const bool is_here =
      holder.compare(static_cast<std::size_t>(end), this_host.size() + 1, this_host + " ") == 0;
  return is_here && std::filesystem::exists("/proc/" + std::to_string(pid));
}

}  // namespace holdfast::tool
