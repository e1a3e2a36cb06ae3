#include "report/run_series.h"

#include <holdfast/checkpoint/log/typed_events.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace holdfast::tool {
namespace {

void sort_by_step(Series& series) {
  std::stable_sort(series.points.begin(), series.points.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

template <typename Value>
Series series_of_saves(const std::vector<LoggedEvent>& events, const char* name,
                       std::optional<Value> events::Save::*field) {
  Series series{name, {}};
  for (const LoggedEvent& logged : events) {
    const auto save = events::from_event<events::Save>(logged.event);
    if (save && save->step && (*save).*field)
      series.points.emplace_back(static_cast<double>(*save->step),
                                 static_cast<double>(*((*save).*field)));
  }
  sort_by_step(series);
  return series;
}

}  // namespace

Series durable_series(const std::vector<LoggedEvent>& events) {
  return series_of_saves(events, "durable_seconds", &events::Save::durable_seconds);
}

Series size_series(const std::vector<LoggedEvent>& events) {
  return series_of_saves(events, "bytes", &events::Save::bytes);
}

Series blocked_series(const std::vector<LoggedEvent>& events) {
  Series series{"blocked_seconds", {}};
  double told = 0;        // seconds that the saves of this process have told so far
  bool has_save = false;  // this process has logged a save
  for (const LoggedEvent& logged : events) {
    if (const auto save = events::from_event<events::Save>(logged.event)) {
      const double blocked = save->blocked_seconds.value_or(NAN);
      if (!save->step || !std::isfinite(blocked)) continue;
      series.points.emplace_back(static_cast<double>(*save->step), blocked);
      told += blocked;
      has_save = true;
      continue;
    }
    const auto close = events::from_event<events::Close>(logged.event);
    if (!close && !events::is<events::Open>(logged.event)) continue;
    const double in_all = close ? close->blocked_seconds.value_or(NAN) : NAN;
    if (has_save && in_all > told && std::isfinite(in_all))
      series.points.back().second += in_all - told;
    told = 0;
    has_save = false;
  }
  sort_by_step(series);
  return series;
}

std::vector<Series> metrics_of(const RunListing& listing) {
  std::map<std::string, Series> by_name;
  for (const ListedCheckpoint& one : listing.checkpoints)
    for (const auto& [name, value] : one.metrics)
      by_name[name].points.emplace_back(static_cast<double>(one.step), value);
  std::vector<Series> metrics;
  for (auto& [name, series] : by_name) metrics.push_back({name, std::move(series.points)});
  return metrics;
}

}  // namespace holdfast::tool
