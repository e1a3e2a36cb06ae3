// Guesses the cause of a difference from the names of the entries that differ. Pure functions.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "state_kind.h"

namespace holdfast::tool {

struct Diagnosis {
  StateKind kind;    // the kind of state that is most likely the cause
  bool is_saved;     // if false, no checkpoint has state of this kind, and that is the cause
  std::string hint;  // what usually goes wrong, in a sentence or two
};

// For a run that differs from its twin after a resume. `different`: the entries that differ at the
// first step at which any does; at least one. `saved`: the kinds of state that the checkpoints
// have. If a kind differs that no other kind decides on (data order, generators, schedulers,
// modes), it is the cause. If only optimizer and parameters differ, the cause is a kind that is in
// no checkpoint.
Diagnosis diagnose(const std::vector<std::string>& different, const std::set<StateKind>& saved);

// For two runs that differ although neither was resumed before the difference.
Diagnosis diagnose_unrepeatable(const std::vector<std::string>& different);

// The index of the entry to name first among those that differ. The order is the one of StateKind;
// within a kind, options and counts come first, and then the given order decides.
std::size_t first_cause(const std::vector<std::string>& different);

}  // namespace holdfast::tool
