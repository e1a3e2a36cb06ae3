#include "report/run_series.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace holdfast::tool {
namespace {

void sort_by_step(Series& series) {
  std::stable_sort(series.points.begin(), series.points.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
}

}  // namespace

Series series_of_saves(const std::vector<LoggedEvent>& events, const std::string& field) {
  Series series{field, {}};
  for (const LoggedEvent& event : events) {
    const auto step = event.integer("step");
    const auto value = event.number(field);
    if (event.event.name == "save" && step && value)
      series.points.emplace_back(static_cast<double>(*step), *value);
  }
  sort_by_step(series);
  return series;
}

Series blocked_series(const std::vector<LoggedEvent>& events) {
  Series series{"blocked_seconds", {}};
  double told = 0;        // seconds that the saves of this process have told so far
  bool has_save = false;  // this process has logged a save
  for (const LoggedEvent& event : events) {
    const std::string& name = event.event.name;
    const auto step = event.integer("step");
    const double blocked = event.number("blocked_seconds").value_or(NAN);
    if (name == "save" && step && std::isfinite(blocked)) {
      series.points.emplace_back(static_cast<double>(*step), blocked);
      told += blocked;
      has_save = true;
    }
    if (name == "close" && has_save && blocked > told && std::isfinite(blocked))
      series.points.back().second += blocked - told;
    if (name == "open" || name == "close") {
      told = 0;
      has_save = false;
    }
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
