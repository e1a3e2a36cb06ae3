// Two runs, checkpoint by checkpoint: where do they part?
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/inspect/compare.h>

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

// Called by the thread that compares; what they throw ends the comparison.
struct ComparisonWatch {
  // Ahead of each step, with the bytes that there are to compare.
  std::function<void(std::int64_t step, std::uint64_t bytes)> begin;
  Progress progress;  // some tens of MiB at a time
};

// Compares all checkpoints of the same step, in order, up to the first that differs. Takes no lock:
// nobody may train in them meanwhile. Throws as compare() does.
RunComparison compare_runs(const std::string& a, const std::string& b,
                           const ComparisonWatch& watch);

}  // namespace holdfast::tool
