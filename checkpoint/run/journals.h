// All journals of a run.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/run/journal.h>

namespace holdfast {

// Opens journals and cuts them back to the checkpoint that the run goes on from. For one thread.
class Journals {
 public:
  // `altered` is called with a journal whose beginning is not what its mark says; that journal is
  // left as it is. `run` must outlive this object.
  Journals(const Directory& run, std::function<void(const Journal&)> altered);

  // Opens the journals that have a mark and cuts each back to its mark. All other journals, whether
  // they are open already or are opened later, are emptied.
  void cut_back(const std::vector<format::JournalRecord>& marks);

  // Opens the journal at the first call with this name. Before cut_back() its content stays as it
  // is.
  Journal& open(const std::string& name);

  std::vector<format::JournalRecord> marks() const;
  std::vector<Journal*> all() const;  // the open ones; they live as long as this object

 private:
  Journal* find(const std::string& name) const;  // nullptr if it is not open
  Journal& add(const std::string& name);

  const Directory& run_;
  std::function<void(const Journal&)> altered_;
  std::vector<std::unique_ptr<Journal>> journals_;
  bool begin_empty_ = false;
};

}  // namespace holdfast
