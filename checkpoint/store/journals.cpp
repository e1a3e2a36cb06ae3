#include <holdfast/checkpoint/store/journals.h>

#include <algorithm>
#include <utility>

namespace holdfast {

Journals::Journals(const Directory& run, std::function<void(const Journal&)> altered)
    : run_(run), altered_(std::move(altered)) {}

void Journals::cut_back(std::vector<format::JournalRecord> marks) {
  marks_ = std::move(marks);
  has_marks_ = true;
  for (const auto& journal : journals_) cut_back(*journal);
}

void Journals::cut_back(Journal& journal) const {
  const auto mark = std::find_if(marks_.begin(), marks_.end(), [&](const auto& candidate) {
    return candidate.name == journal.name();
  });
  if (mark == marks_.end()) {
    journal.clear();
  } else if (!journal.cut_back(*mark)) {
    altered_(journal);
  }
}

Journal& Journals::open(const std::string& name) {
  const auto found = std::find_if(journals_.begin(), journals_.end(),
                                  [&](const auto& journal) { return journal->name() == name; });
  if (found != journals_.end()) return **found;
  journals_.push_back(std::make_unique<Journal>(run_, name));
  if (has_marks_) cut_back(*journals_.back());
  return *journals_.back();
}

std::vector<format::JournalRecord> Journals::marks() const {
  std::vector<format::JournalRecord> marks;
  for (const auto& journal : journals_) marks.push_back(journal->mark());
  return marks;
}

void Journals::sync() const {
  for (const auto& journal : journals_) journal->sync();
}

}  // namespace holdfast
