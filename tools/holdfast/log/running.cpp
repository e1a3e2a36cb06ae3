#include "log/running.h"

#include <holdfast/checkpoint/format/run_names.h>
#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "output/age.h"

namespace holdfast::tool {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostHolderBytes = 4096;
constexpr double kClockSlack = 2;    // seconds: what clocks are set by, and round
constexpr int kStartTimeField = 22;  // of /proc/<pid>/stat: proc(5)

// "pid 12 on host a since 2026-01-31T12:00:00.000Z"
struct Holder {
  long process = 0;
  std::string host, since;
};

std::optional<Holder> parse(const std::string& line) {
  Holder holder;
  std::istringstream words(line);
  std::string pid, on, host, since;
  words >> pid >> holder.process >> on >> host >> holder.host >> since >> holder.since;
  if (!words || pid != "pid" || on != "on" || host != "host" || since != "since")
    return std::nullopt;
  return holder;
}

std::optional<Holder> read_holder(const Directory& run) {
  if (run.type_of(format::kLockFile) != FileType::kRegular) return std::nullopt;
  const File lock = run.open_file(format::kLockFile);
  if (lock.size() > kMostHolderBytes) return std::nullopt;
  return parse(std::string(ByteView(lock.read_all(kMostHolderBytes)).text()));
}

fs::path proc(long process) {
  return fs::path("/proc") / std::to_string(process);
}

// Empty: it may not be looked into, as another user's.
std::optional<bool> has_opened(long process, const fs::path& file) {
  std::error_code failure;
  const fs::directory_iterator descriptors(proc(process) / "fd", failure);
  if (failure) return std::nullopt;
  for (const auto& descriptor : descriptors)
    if (fs::equivalent(descriptor.path(), file, failure) && !failure) return true;
  return false;
}

// Seconds since the process began; empty if there is none.
std::optional<double> age_of(long process) {
  std::string stat;
  std::getline(std::ifstream(proc(process) / "stat"), stat);
  const std::size_t name_end = stat.rfind(')');  // the name may have spaces in it
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string field;
  for (int i = 3; i <= kStartTimeField; ++i) fields >> field;
  double uptime = 0;
  std::ifstream("/proc/uptime") >> uptime;
  return uptime - std::strtod(field.c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

bool began_before(long process, const std::string& utc) {
  const double since = seconds_since(utc);
  const std::optional<double> age = age_of(process);
  return age && (std::isnan(since) || *age + kClockSlack >= since);
}

Running is_running(const Directory& run, const std::string& this_host) {
  const std::optional<Holder> holder = read_holder(run);
  if (!holder) return {};
  if (holder->host != this_host) return {false, holder->host};
  const auto opened = has_opened(holder->process, fs::path(run.path()) / format::kLockFile);
  return {opened ? *opened : began_before(holder->process, holder->since), ""};
}

}  // namespace holdfast::tool
