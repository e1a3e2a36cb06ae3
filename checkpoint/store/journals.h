// The journals of a run, together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/store/journal.h>

namespace holdfast {

// Opens journals and keeps them in step with the checkpoint that the run goes on from. For one
// thread, but for sync().
class Journals {
 public:
  // `altered` is told of a journal that does not begin as its mark says; it stays as it is. The run
  // outlives this.
  Journals(const Directory& run, std::function<void(const Journal&)> altered);

  // Every journal, open or opened later, begins as its mark says: empty, if it has none.
  void cut_back(std::vector<format::JournalRecord> marks);

  // Opens it at the first call. Before cut_back() its content stays as it is.
  Journal& open(const std::string& name);

  std::vector<format::JournalRecord> marks() const;
  void sync() const;

 private:
  void cut_back(Journal& journal) const;

  const Directory& run_;
  std::function<void(const Journal&)> altered_;
  std::vector<std::unique_ptr<Journal>> journals_;
  std::vector<format::JournalRecord> marks_;
  bool has_marks_ = false;
};

}  // namespace holdfast
