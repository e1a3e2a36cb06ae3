#include <holdfast/checkpoint/base/process.h>
#include <pwd.h>
#include <unistd.h>

#include <array>

namespace holdfast {

std::int64_t process_id() {
  return getpid();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "unknown";
  return name.data();
}

std::string user_name() {
  std::array<char, 4096> memory{};
  passwd entry{};
  passwd* found = nullptr;
  const uid_t id = geteuid();
  if (getpwuid_r(id, &entry, memory.data(), memory.size(), &found) != 0 || found == nullptr)
    return "uid " + std::to_string(id);
  return entry.pw_name;
}

}  // namespace holdfast
