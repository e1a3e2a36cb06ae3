// Describes a run as one page of HTML. Pure function.
#pragma once

#include <holdfast/checkpoint/log/event_history.h>
#include <holdfast/checkpoint/run/run_listing.h>

#include <string>
#include <vector>

#include "log/history.h"
#include "report/plot.h"

namespace holdfast::tool {

struct Report {
  std::string run;   // the run's directory
  std::string made;  // the time of the report, "2026-01-31T12:00:00.000Z"
  RunListing listing;
  std::vector<LoggedEvent> events;
  std::vector<Happening> history;
  std::vector<Series> metrics;
};

// The page needs no other file: it has no script and nothing that a browser would have to fetch.
std::string page_of(const Report& report);

}  // namespace holdfast::tool
