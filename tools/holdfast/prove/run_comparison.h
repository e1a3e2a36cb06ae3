// Compares two runs checkpoint by checkpoint and finds where they begin to differ.
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
  std::vector<holdfast::Difference> differences;  // of the entries of this step; at least one
  std::set<StateKind> saved;                      // the kinds of state that the checkpoint has
};

struct JournalDifference {
  std::string name;
  std::string problem;  // "line 3 differs", "only the first has it" …
};

struct RunComparison {
  std::vector<std::int64_t> steps;  // the compared steps, ascending; only the last may differ
  std::size_t in_one_only = 0;      // number of checkpoints whose step the other run does not have
  std::uint64_t entries = 0;        // compared entries, in all steps
  std::uint64_t bytes = 0;          // compared bytes, in all steps
  std::optional<Parting> parting;
  // If no checkpoint differs, the journals as of the last step are compared: the names of those
  // that are the same, and the first one that is not.
  std::vector<std::string> journals;
  std::optional<JournalDifference> journal;
};

// Called by the thread that compares. If one of them throws, the comparison ends with that
// exception.
struct ComparisonWatch {
  // Called before each step, with the number of bytes to compare.
  std::function<void(std::int64_t step, std::uint64_t bytes)> begin;
  Progress progress;  // called for every few tens of MiB
};

// Compares the checkpoints of each step that both runs have, in order, up to the first that
// differs. Takes no locks: nobody may train in the runs meanwhile. Throws as compare() does.
RunComparison compare_runs(const std::string& a, const std::string& b,
                           const ComparisonWatch& watch);

}  // namespace holdfast::tool
