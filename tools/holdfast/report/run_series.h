// Makes series over steps from the numbers in a run's log and in its checkpoints. Pure functions.
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

// How many seconds each save held up the training. A save is logged before the training may have
// finished waiting for it. The event "close" has the total of the process: what the saves have told
// less than that is added to the last save.
Series blocked_series(const std::vector<LoggedEvent>& events);

// One series for each metric in the manifests of the checkpoints, in the order of the metrics'
// names.
std::vector<Series> metrics_of(const RunListing& listing);

}  // namespace holdfast::tool
