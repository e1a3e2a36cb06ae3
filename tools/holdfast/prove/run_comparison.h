// Two runs, checkpoint by checkpoint: where do they part?
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/compare.h>

#include "state_kind.h"

namespace holdfast::tool {

// The first checkpoint in which two runs differ.
struct Parting {
  std::int64_t step = 0;
  std::vector<holdfast::Difference> differences;  // at least one; of the entries of this step
  std::set<StateKind> saved;                      // the kinds that its entries are of
};

struct JournalDifference {
  std::string name;
  std::string problem;  // "line 3 differs", "only the first has it" …
};

struct RunComparison {
  std::vector<std::int64_t> steps;  // that were compared, ascending; the last may differ
  std::size_t in_one_only = 0;      // checkpoints that the other run has none beside
  std::uint64_t entries = 0;        // in all steps
  std::uint64_t bytes = 0;
  std::optional<Parting> parting;
  // The journals at the last of the steps, where nothing differs: the names of those that are the
  // same, and the first that is not.
  std::vector<std::string> journals;
  std::optional<JournalDifference> journal;
};

// Compares all checkpoints of the same step, in order, up to the first that differs. Takes no lock:
// nobody may train in them meanwhile. `before_each` is called ahead of each, and may throw. Throws
// as compare() does.
RunComparison compare_runs(const std::string& a, const std::string& b,
                           const std::function<void()>& before_each);

}  // namespace holdfast::tool
