#include "log/family.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/log/typed_events.h>
#include <holdfast/checkpoint/run/run_view.h>
#include <holdfast/text/units.h>

#include <filesystem>
#include <map>
#include <set>
#include <utility>

namespace holdfast::tool {
namespace {

namespace fs = std::filesystem;

// The same text for the same directory, whatever way leads there. A path that leads nowhere stays
// as it is.
std::string place_of(const std::string& path) {
  std::error_code failure;
  const fs::path place = fs::canonical(path, failure);
  return failure ? path : place.string();
}

std::vector<LoggedEvent> events_of(const std::string& run) {
  try {
    return read_events(RunView(run).directory(), events::Fork::kWords.name);
  } catch (const Error&) {
    return {};  // no run, or one that cannot be looked into
  }
}

// The same for a path that was logged by the run.
std::string place_from(const std::string& path, const fs::path& run) {
  if (fs::path(path).is_absolute()) return place_of(path);
  std::error_code failure;
  for (fs::path above = run; above.has_relative_path(); above = above.parent_path())
    if (fs::exists(above / path, failure)) return place_of((above / path).string());
  return path;
}

// The run directory of "<run>/checkpoints/step-…"; also of "<run>" itself.
std::string run_of(const std::string& checkpoint) {
  const fs::path path = fs::path(checkpoint + "/").parent_path();
  if (format::parse_step_directory(path.filename().string()))
    return path.parent_path().parent_path().string();
  return path.string();
}

// Where the runs that lie in a directory began, by the place of the run.
using Forks = std::map<std::string, std::optional<Fork>>;

void look_around(const std::string& run, std::set<std::string>& seen, Forks& forks) {
  if (!fs::path(run).is_absolute()) return;  // it is not known where that is
  const std::string parent = fs::path(run).parent_path().string();
  if (!seen.insert(parent).second) return;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(parent, failure)) {
    if (!fs::is_directory(entry.path() / format::kCheckpointsDirectory, failure)) continue;
    const std::string place = place_of(entry.path().string());
    forks.emplace(place, fork_of(events_of(place), place));
  }
}

// The places of the runs that began with one, by step; by the place of that one.
using Children = std::map<std::string, std::multimap<std::int64_t, std::string>>;

Children children_in(const Forks& forks) {
  Children children;
  for (const auto& [place, fork] : forks)
    if (fork) children[fork->run].emplace(fork->step, place);
  return children;
}

// A run that is its own ancestor, by somebody's renaming, is shown once.
RelatedRun family_below(const std::string& run, const Forks& forks, const Children& children,
                        std::set<std::string>& shown) {
  RelatedRun found{run, {}, {}};
  shown.insert(run);
  const auto known = forks.find(run);
  if (known != forks.end()) found.from = known->second;
  const auto own = children.find(run);
  if (own == children.end()) return found;
  for (const auto& [step, place] : own->second)
    if (shown.count(place) == 0) found.forks.push_back(family_below(place, forks, children, shown));
  return found;
}

void draw(const RelatedRun& run, const std::string& marked, const std::string& indent,
          std::string& text) {
  text += printable(run.path);
  if (run.from) text += "  from step " + text::format_count(run.from->step);
  if (run.path == marked) text += "  <- this run";
  text += "\n";
  for (std::size_t i = 0; i < run.forks.size(); ++i) {
    const bool is_last = i + 1 == run.forks.size();
    text += indent + (is_last ? "└─ " : "├─ ");
    draw(run.forks[i], marked, indent + (is_last ? "   " : "│  "), text);
  }
}

}  // namespace

std::optional<Fork> fork_of(const std::vector<LoggedEvent>& events, const std::string& run) {
  std::optional<Fork> fork;
  for (const LoggedEvent& event : events)
    if (const auto begun = events::from_event<events::Fork>(event.event))
      fork = {place_from(run_of(begun->from.value_or("")), run), begun->step.value_or(0)};
  return fork;
}

RelatedRun find_family(const std::string& run) {
  std::set<std::string> seen, ancestors;
  Forks forks;
  std::string root = place_of(run);
  for (;;) {
    look_around(root, seen, forks);
    ancestors.insert(root);
    const auto fork = forks[root];
    if (!fork || ancestors.count(fork->run) != 0) break;
    root = fork->run;
  }
  std::set<std::string> shown;
  return family_below(root, forks, children_in(forks), shown);
}

std::string draw_tree(const RelatedRun& root, const std::string& marked) {
  std::string text;
  draw(root, place_of(marked), "", text);
  return text;
}

}  // namespace holdfast::tool
