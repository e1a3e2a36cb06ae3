// A file that grows with the run and that each checkpoint records the length of, such as
// metrics.csv.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// An append-only file beside the checkpoints. When append() returns, the text is in the file but
// not yet durable. If the disk refused the text, it is in the file when sync() returns. Each
// checkpoint's manifest holds a mark (length and digest); cut_back() to a mark undoes everything
// later.
//
// Threads: sync() may be called by another thread; all else by one. In a child made by fork(2),
// every function that would change the file throws Error(kInvalidArgument) and changes nothing.
class Journal {
 public:
  // Opens <run>/<name>, or makes it. The content stays as it is until cut_back() or clear(). `run`
  // must outlive the journal. Error(kInvalidArgument) for the names of the run's own files.
  Journal(const Directory& run, const std::string& name);

  void append(std::string_view text);
  bool empty() const { return bytes_ == 0; }
  format::JournalRecord mark() const { return {name_, bytes_, digest_.value()}; }
  // Makes the appended text durable, or throws. After a failed write or fsync the kernel may have
  // dropped data, and a second fsync would not notice. So the next sync() writes the whole content
  // to a new file that replaces the old one.
  void sync();

  // Cuts the file back to the length in the mark, durably. Returns false and changes nothing if the
  // file is shorter or its beginning has another digest: somebody else altered it.
  bool cut_back(const format::JournalRecord& mark);
  // Makes the file empty, durably.
  void clear();

  const std::string& name() const { return name_; }
  std::string path() const { return run_.path() + "/" + name_; }

 private:
  void require_owner() const;
  void shorten(std::uint64_t bytes, DigestStream digest);
  void write_anew(ByteView content);
  void write_anew_from_memory();

  const Directory& run_;
  const OwnerProcess owner_;
  std::string name_;
  std::uint64_t bytes_ = 0;
  DigestStream digest_;  // of these bytes
  std::mutex mutex_;     // guards the members below, since sync() may run on another thread
  File file_;
  std::string tail_;        // the end of the content, not yet known to be durable
  bool is_unsure_ = false;  // a write or an fsync failed: the file may differ from the content
};

}  // namespace holdfast
