// A file that grows with the run and is committed with its checkpoints: metrics.csv.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// An append-only file beside the checkpoints. What is appended is in the file (not yet durable)
// when append() returns, or, where the disk would not take it, when sync() does. A checkpoint's
// manifest holds a mark; cutting back to it undoes everything later. For one thread, but that sync
// may be called by another. In a child made by fork(2), whatever would change the file is an
// Error(kInvalidArgument), and changes nothing.
class Journal {
 public:
  // Opens <run>/<name>, or makes it. Its content stays until cut_back() says what of it is valid.
  // The run outlives the journal. Error(kInvalidArgument) for the names of the run's own files.
  Journal(const Directory& run, const std::string& name);

  void append(std::string_view text);
  bool empty() const { return bytes_ == 0; }
  format::JournalRecord mark() const { return {name_, bytes_, digest_.value()}; }
  // Makes what was appended durable, or throws. Where that has failed before, or a write has, the
  // kernel may have dropped what it was to write: the file is then written anew, and takes the old
  // one's place.
  void sync();

  // Makes the marked beginning the whole content, durably. False, and nothing is changed, if the
  // file does not begin so: it was shortened or altered from outside.
  bool cut_back(const format::JournalRecord& mark);
  // Makes it empty, durably.
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
  DigestStream digest_;  // of them
  std::mutex mutex_;     // guards what follows, against sync() on another thread
  File file_;
  std::string tail_;        // the end of the content, which is not known to be durable
  bool is_unsure_ = false;  // what the file has on the disk is anybody's guess
};

}  // namespace holdfast
