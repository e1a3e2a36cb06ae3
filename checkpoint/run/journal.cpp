#include <holdfast/checkpoint/run/journal.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {
namespace {

constexpr std::uint64_t kReadBytes = 1 << 20;

// The digest of the first `bytes` bytes of the file, which must have at least as many.
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

// Returns `name` if a journal may have it. A manifest may come from anywhere, and the journals that
// it names are cut back: they must not be files that the run itself writes.
const std::string& checked_name(const std::string& name, const Directory& run) {
  const auto own = {format::kEventsFile,       format::kLockFile,      format::kFailuresFile,
                    format::kRestoredFile,     format::kPinsDirectory, format::kTagsDirectory,
                    format::kVerifiedDirectory};
  if (std::find(own.begin(), own.end(), name) == own.end()) return name;
  throw Error(ErrorKind::kInvalidArgument, "a journal cannot have the name of a file of the run")
      .at(run.path() + "/" + name)
      .remedy("give the journal another name");
}

}  // namespace

Journal::Journal(const Directory& run, const std::string& name)
    : run_(run), name_(checked_name(name, run)), file_(run.open_or_create(name_)) {
  run.sync();
  bytes_ = file_.size();
  digest_ = digest_of_beginning(file_, bytes_);
}

// Called before the mutex is locked: in a forked child, the mutex may stay locked forever because
// another thread held it at the fork.
void Journal::require_owner() const {
  if (owner_.is_this()) return;
  throw Error(ErrorKind::kInvalidArgument, "the journal is written by another process")
      .at(path())
      .expected("the process that opened it, not one that it has forked");
}

void Journal::append(std::string_view text) {
  require_owner();
  const std::lock_guard<std::mutex> lock(mutex_);
  try {
    file_.write_at(bytes_, ByteView(text));
  } catch (const Error&) {  // the text is in tail_: sync() writes it again, or throws
    is_unsure_ = true;
  }
  digest_.update(ByteView(text));
  bytes_ += text.size();
  tail_ += text;
}

// The mutex is not held during the fsync, so that append() does not wait for the disk.
void Journal::sync() {
  require_owner();
  std::size_t synced = 0;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (is_unsure_) write_anew_from_memory();
    synced = tail_.size();
  }
  try {
    file_.sync();
  } catch (const Error&) {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_unsure_ = true;
    throw;
  }
  const std::lock_guard<std::mutex> lock(mutex_);
  tail_.erase(0, synced);
}

// The part of the content that is known to be durable is read back from the file; the rest is in
// tail_.
void Journal::write_anew_from_memory() {
  std::string content(bytes_ - tail_.size(), '\0');
  file_.read_exactly(0, ByteSpan(content.data(), content.size()));
  content += tail_;
  if (digest_of(ByteView(content)) != digest_.value())
    throw Error(ErrorKind::kCorrupt, "the file was altered while the run wrote to it")
        .at(path())
        .expected("what the run has written, as it has to be written anew after a failed fsync")
        .remedy("let nothing else write to the files of a run");
  write_anew(ByteView(content));
}

void Journal::write_anew(ByteView content) {
  run_.replace_file(name_, content);
  file_ = run_.open_or_create(name_);
  is_unsure_ = false;
  tail_.clear();
}

bool Journal::cut_back(const format::JournalRecord& mark) {
  require_owner();
  if (file_.size() < mark.bytes) return false;
  DigestStream digest = digest_of_beginning(file_, mark.bytes);
  if (digest.value() != mark.digest) return false;
  shorten(mark.bytes, std::move(digest));
  return true;
}

void Journal::clear() {
  require_owner();
  shorten(0, DigestStream());
}

void Journal::shorten(std::uint64_t bytes, DigestStream digest) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (is_unsure_) {
    std::string content(bytes, '\0');
    file_.read_exactly(0, ByteSpan(content.data(), content.size()));
    write_anew(ByteView(content));
  } else {
    file_.truncate(bytes);
    is_unsure_ = true;
    file_.sync();
    is_unsure_ = false;
  }
  tail_.clear();
  bytes_ = bytes;
  digest_ = std::move(digest);
}

}  // namespace holdfast
