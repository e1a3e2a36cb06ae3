// The result of a proof.
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
  kExact,       // the run that was killed and resumed is the same as the uninterrupted one
  kNotExact,    // the two runs differ
  kNotResumed,  // after a kill the command fails, or begins again at the beginning
  kNotProven,   // there was nothing to compare, or not enough
};

// How many entries of a kind differ at one step.
struct KindCount {
  StateKind kind;
  std::size_t different;
};

// The first thing that differs between the two runs.
struct Disagreement {
  std::int64_t step = 0;
  std::string what;      // the entry's name, the journal's, or "the number of steps"
  std::string problem;   // "the first" is the uninterrupted run, "the second" the killed one
  std::string kind;      // the most likely cause: to_string(StateKind), or "journal"
  bool is_saved = true;  // the checkpoints have state of that kind
  std::string hint;
  std::vector<KindCount> kinds;  // in the order of StateKind; empty if no entry differs
  // The step of the checkpoint from which the start that got to `step` was resumed. Empty if it
  // began at the beginning, like the uninterrupted run.
  std::optional<std::int64_t> resumed_from;
};

struct Proof {
  Finding finding = Finding::kNotProven;
  std::string reason;  // for kNotResumed and kNotProven: why, in a clause
  std::string log;     // the file that tells more about the reason; empty if there is none
  std::string directory;
  bool is_kept = true;                // the directory still exists
  std::optional<std::uint64_t> seed;  // if the steps of the kills were drawn: the seed
  std::int64_t steps = 0;             // the number of steps of the uninterrupted run
  std::vector<TrialResult> starts;    // the starts of the killed run
  RunComparison comparison;
  std::optional<Disagreement> difference;  // for kNotExact
};

}  // namespace holdfast::tool
