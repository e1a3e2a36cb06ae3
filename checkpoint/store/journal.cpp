#include <holdfast/checkpoint/store/journal.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace holdfast {
namespace {

constexpr std::uint64_t kReadBytes = 1 << 20;

// The digest of the first `bytes` bytes of the file, which has as many.
DigestStream digest_of_beginning(const File& file, std::uint64_t bytes) {
  DigestStream digest;
  std::vector<std::byte> buffer(std::min(bytes, kReadBytes));
  for (std::uint64_t offset = 0; offset < bytes;) {
    const std::uint64_t count = std::min<std::uint64_t>(buffer.size(), bytes - offset);
    file.read_exactly(offset, ByteSpan(buffer).slice(0, count));
    digest.update(ByteView(buffer).slice(0, count));
    offset += count;
  }
  return digest;
}

}  // namespace

Journal::Journal(const Directory& run, std::string name)
    : name_(std::move(name)), file_(run.open_or_create(name_)) {
  run.sync();
  bytes_ = file_.size();
  digest_ = digest_of_beginning(file_, bytes_);
}

void Journal::append(std::string_view text) {
  const ByteView bytes(text);
  file_.write_at(bytes_, bytes);
  digest_.update(bytes);
  bytes_ += bytes.size;
}

void Journal::sync() const {
  file_.sync();
}

bool Journal::cut_back(const format::JournalRecord& mark) {
  if (file_.size() < mark.bytes) return false;
  DigestStream digest = digest_of_beginning(file_, mark.bytes);
  if (digest.value() != mark.digest) return false;
  file_.truncate(mark.bytes);
  file_.sync();
  bytes_ = mark.bytes;
  digest_ = std::move(digest);
  return true;
}

void Journal::clear() {
  file_.truncate(0);
  file_.sync();
  bytes_ = 0;
  digest_ = DigestStream();
}

}  // namespace holdfast
