// The journals of a run, together.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/run/journal.h>

namespace holdfast {

// Opens journals and keeps them in step with the checkpoint that the run goes on from. For one
// thread.
class Journals {
 public:
  // `altered` is told of a journal that does not begin as its mark says; it stays as it is. The run
  // outlives this.
  Journals(const Directory& run, std::function<void(const Journal&)> altered);

  // Opens the journals that have a mark and cuts each back to it. All others, open or opened later,
  // begin empty.
  void cut_back(const std::vector<format::JournalRecord>& marks);

  // Opens it at the first call. Before cut_back() its content stays as it is.
  Journal& open(const std::string& name);

  std::vector<format::JournalRecord> marks() const;
  std::vector<Journal*> all() const;  // the open ones; they live as long as this

 private:
  Journal* find(const std::string& name) const;  // nullptr: not open
  Journal& add(const std::string& name);

  const Directory& run_;
  std::function<void(const Journal&)> altered_;
  std::vector<std::unique_ptr<Journal>> journals_;
  bool begin_empty_ = false;
};

}  // namespace holdfast
