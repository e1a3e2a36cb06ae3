#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/run/run_lock.h>

#include <algorithm>
#include <array>
#include <string>

namespace holdfast {
namespace {

constexpr std::size_t kLongestHolder = 400;

std::string this_holder() {
  return "pid " + std::to_string(process_id()) + " on host " + host_name() + " since " + utc_now();
}

bool is_printable(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

// The holder's line in the lock file, or "another process" if the file has no such line.
std::string holder_in(const File& file) {
  std::array<char, kLongestHolder> buffer{};
  const std::string text(buffer.data(), file.read_at(0, ByteSpan(buffer.data(), buffer.size())));
  const std::string line = text.substr(0, text.find('\n'));
  return line.rfind("pid ", 0) == 0 && is_printable(line) ? line : "another process";
}

// Writes who holds the lock. Only messages of other processes use it, so a full disk is no reason
// to fail: the start of the run may be what frees space.
void write_holder(File& file) {
  const std::string line = this_holder() + "\n";
  try {
    file.write_at(0, ByteView(line));
    file.truncate(line.size());
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kNoSpace) throw;
  }
}

}  // namespace

RunLock::RunLock(const Directory& run) : file_(run.open_or_create(format::kLockFile)) {
  if (!file_.try_lock()) {
    throw Error(ErrorKind::kLocked, "the run is written to by " + holder_in(file_))
        .at(run.path())
        .remedy("wait until it ends, stop it, or use another run directory");
  }
  write_holder(file_);
}

}  // namespace holdfast
