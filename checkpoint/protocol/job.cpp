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

void remember_restore(const Directory& run, const std::string& checkpoint) {
  run.replace_file(kRestoredFile, ByteView(record_of(job_name(), checkpoint)));
}

bool job_has_restored(const Directory& run, const std::string& checkpoint) {
  const std::string job = job_name();
  if (job.empty() || !run.type_of(kRestoredFile)) return false;
  const std::vector<std::byte> record = run.open_file(kRestoredFile).read_all(kMostBytes);
  return ByteView(record).text() == record_of(job, checkpoint);
}

}  // namespace holdfast
