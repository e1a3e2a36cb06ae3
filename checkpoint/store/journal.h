// A file that grows with the run and is committed with its checkpoints: metrics.csv.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/io/file.h>

namespace holdfast {

// An append-only file beside the checkpoints. What is appended is in the file (not yet durable)
// when append() returns. A checkpoint's manifest holds a mark; cutting back to it undoes everything
// later. append, mark and cut_back are for one thread; sync may be called by another.
class Journal {
 public:
  // Opens <run>/<name>, or makes it. Its content stays until cut_back() says what of it is valid.
  Journal(const Directory& run, std::string name);

  void append(std::string_view text);
  bool empty() const { return bytes_ == 0; }
  format::JournalRecord mark() const { return {name_, bytes_, digest_.value()}; }
  void sync() const;  // makes what was appended durable

  // Makes the marked beginning the whole content, durably. False, and nothing is changed, if the
  // file does not begin so: it was shortened or altered from outside.
  bool cut_back(const format::JournalRecord& mark);
  // Makes it empty, durably.
  void clear();

  const std::string& name() const { return name_; }
  const std::string& path() const { return file_.path(); }

 private:
  std::string name_;
  mutable File file_;
  std::uint64_t bytes_ = 0;
  DigestStream digest_;
};

}  // namespace holdfast
