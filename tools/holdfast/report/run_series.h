// What a run's log and its checkpoints have in numbers, over steps. Pure functions.
#pragma once

#include <holdfast/checkpoint/log/event_history.h>
#include <holdfast/checkpoint/run/run_listing.h>

#include <string>
#include <vector>

#include "report/series.h"

namespace holdfast::tool {

// How long each save took until it was durable, in seconds; how large it is, in bytes.
Series durable_series(const std::vector<LoggedEvent>& events);
Series size_series(const std::vector<LoggedEvent>& events);

// How long saves held up the training, in seconds. A save is logged before the training has waited
// for all of it: what a process waited in all is in its "close", and what no save has of that is
// added to its last one.
Series blocked_series(const std::vector<LoggedEvent>& events);

// The metrics that the checkpoints have in their manifests, by name.
std::vector<Series> metrics_of(const RunListing& listing);

}  // namespace holdfast::tool
