// Where the cause of a difference lies, as far as names tell. Pure.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "state_kind.h"

namespace holdfast::tool {

struct Diagnosis {
  StateKind kind;    // of the state that is the cause, most likely
  bool is_saved;     // false: it is in no checkpoint, and that is the cause
  std::string hint;  // what is usually behind it, a sentence or two
};

// Of a run that differs from its twin after it was resumed. `different`: the entries that differ at
// the first step at which any does; one at least. `saved`: the kinds that the checkpoints have.
// A kind that differs and has no cause but itself is the cause; if only what follows from gradients
// differs, the cause is a kind that the checkpoints do not have.
Diagnosis diagnose(const std::vector<std::string>& different, const std::set<StateKind>& saved);

// Of two runs that differ though neither was resumed on the way.
Diagnosis diagnose_unrepeatable(const std::vector<std::string>& different);

// The entry to name of those that differ: the first in the order of causes. Of several of one kind,
// options and counts come first, and then the order in which they are given.
std::size_t first_cause(const std::vector<std::string>& different);

}  // namespace holdfast::tool
