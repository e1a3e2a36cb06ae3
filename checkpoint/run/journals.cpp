#include <holdfast/checkpoint/run/journals.h>

#include <algorithm>
#include <utility>

namespace holdfast {

Journals::Journals(const Directory& run, std::function<void(const Journal&)> altered)
    : run_(run), altered_(std::move(altered)) {}

void Journals::cut_back(const std::vector<format::JournalRecord>& marks) {
  begin_empty_ = true;
  for (const format::JournalRecord& mark : marks) {
    Journal* const open = find(mark.name);
    Journal& journal = open == nullptr ? add(mark.name) : *open;
    if (!journal.cut_back(mark)) altered_(journal);
  }
  for (const auto& journal : journals_) {
    const auto is_its_mark = [&](const auto& mark) { return mark.name == journal->name(); };
    if (std::none_of(marks.begin(), marks.end(), is_its_mark)) journal->clear();
  }
}

Journal* Journals::find(const std::string& name) const {
  const auto found = std::find_if(journals_.begin(), journals_.end(),
                                  [&](const auto& journal) { return journal->name() == name; });
  return found == journals_.end() ? nullptr : found->get();
}

Journal& Journals::add(const std::string& name) {
  journals_.push_back(std::make_unique<Journal>(run_, name));
  return *journals_.back();
}

Journal& Journals::open(const std::string& name) {
  if (Journal* const journal = find(name)) return *journal;
  Journal& journal = add(name);
  if (begin_empty_) journal.clear();
  return journal;
}

std::vector<format::JournalRecord> Journals::marks() const {
  std::vector<format::JournalRecord> marks;
  for (const auto& journal : journals_) marks.push_back(journal->mark());
  return marks;
}

std::vector<Journal*> Journals::all() const {
  std::vector<Journal*> all;
  for (const auto& journal : journals_) all.push_back(journal.get());
  return all;
}

}  // namespace holdfast
