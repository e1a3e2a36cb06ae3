// What has come of a proof.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "diagnosis.h"
#include "run_comparison.h"
#include "trial.h"

namespace holdfast::tool {

enum class Finding {
  kExact,       // a run that was killed and resumed is the same as one that was not
  kNotExact,    // they differ
  kNotResumed,  // the command does not go on after a kill: it fails, or begins again
  kNotProven,   // there was nothing to compare
};

// How many entries of a kind differ, at one step.
struct KindCount {
  StateKind kind;
  std::size_t different;
};

// The first thing that differs between the two runs.
struct Disagreement {
  std::int64_t step = 0;
  std::string what;     // the entry's name, the journal's, or "the number of steps"
  std::string problem;  // the first is the uninterrupted run, the second the one that was killed
  std::string kind;  // of the state that is the cause, most likely: to_string(StateKind), "journal"
  bool is_saved = true;  // the checkpoints have state of that kind
  std::string hint;
  std::vector<KindCount> kinds;  // in the order of causes; none where no entry differs
  // The checkpoint that the start which got to `step` went on from; empty: none, it had begun at
  // the beginning, as the uninterrupted run.
  std::optional<std::int64_t> resumed_from;
};

struct Proof {
  Finding finding = Finding::kNotProven;
  std::string reason;  // kNotResumed, kNotProven: why, in a clause
  std::string log;     // the file that tells more of it; empty: none does
  std::string directory;
  bool is_kept = true;                // the directory is still there
  std::optional<std::uint64_t> seed;  // that the steps of the kills were drawn by
  std::int64_t steps = 0;             // of the uninterrupted run
  std::vector<Start> starts;          // of the run that was killed
  RunComparison comparison;
  std::optional<Disagreement> difference;  // kNotExact
};

}  // namespace holdfast::tool
