#include <holdfast/checkpoint/protocol/job.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <vector>

#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 20;  // somebody else's file, if it has more

std::string record_of(const std::string& job, const std::string& checkpoint) {
  return job + "\n" + std::filesystem::absolute(checkpoint).lexically_normal().string() + "\n";
}

}  // namespace

std::string job_name() {
  const char* name = std::getenv(kJobVariable);
  return name == nullptr ? "" : name;
}

void JobMemory::remember(const std::string& checkpoint) {
  run_.replace_file(format::kRestoredFile, ByteView(record_of(job_name(), checkpoint)));
}

bool JobMemory::has_gone_back_to(const std::string& checkpoint) const {
  const std::string job = job_name();
  if (job.empty() || !run_.type_of(format::kRestoredFile)) return false;
  const std::vector<std::byte> record = run_.open_file(format::kRestoredFile).read_all(kMostBytes);
  return ByteView(record).text() == record_of(job, checkpoint);
}

}  // namespace holdfast
