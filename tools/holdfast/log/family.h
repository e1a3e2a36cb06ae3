// Runs that began with one another's checkpoints.
#pragma once

#include <holdfast/checkpoint/log/event_history.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace holdfast::tool {

// Where a run of its own began with another run's state.
struct Fork {
  std::string run;  // the other's directory: absolute, or as its path was logged if that is unknown
  std::int64_t step = 0;  // of its checkpoint
};

struct RelatedRun {
  std::string path;
  std::optional<Fork> from;       // empty: it started from nothing, as far as its log says
  std::vector<RelatedRun> forks;  // by step
};

// The last that is logged: what came before, the run has not kept. A relative path is of the
// directory that the training ran in: the run's own, or the next above it where that path leads to
// something.
std::optional<Fork> fork_of(const std::vector<LoggedEvent>& events, const std::string& run);

// Goes from `run` to the run that it began with, and so on, as far as these still exist. Of the
// first one, returns all runs that began with it or with one of its descendants, as far as they lie
// in the same directory as a run of the family. Looks at each directory once.
RelatedRun find_family(const std::string& run);

// One line a run; the one of `marked` ends in " <- this run". A family of one is one line.
std::string draw_tree(const RelatedRun& root, const std::string& marked);

}  // namespace holdfast::tool
