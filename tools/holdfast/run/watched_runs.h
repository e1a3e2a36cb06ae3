// The runs that the command trains: how far each has got.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/log/typed_events.h>

namespace holdfast::tool {

// The steps that are committed in a run, ascending. Looks without its lock; a run that cannot be
// looked into has none.
std::vector<std::int64_t> committed_steps(const std::string& run);

// The newest committed step of each run, by its directory; empty: it has none.
using Steps = std::map<std::string, std::optional<std::int64_t>>;

// A run has a newer step than before, or has got its first.
bool has_progressed(const Steps& before, const Steps& after);

// "the run got from step 200 to step 400"; with several runs a clause each, with its directory.
std::string describe(const Steps& before, const Steps& after);

// Owns the file in which the command announces its runs (protocol/supervision.h).
class WatchedRuns {
 public:
  WatchedRuns();
  ~WatchedRuns();
  WatchedRuns(const WatchedRuns&) = delete;
  WatchedRuns& operator=(const WatchedRuns&) = delete;

  // The file for the next start. A new one if somebody has removed the last, as systems do with
  // temporary files that are days old; what was announced in that one stays known.
  const std::string& file();

  // Of all runs that were announced so far. Looks without the runs' locks, and changes nothing. One
  // that cannot be looked into now is where it was when it was last looked into: that is no
  // progress, and no loss of it.
  Steps newest_steps();

  // Appends the event, one of those of the table that have a step, to events.jsonl of each: with
  // the run's newest step, if it has one. Only while the command does not run: a log has one writer
  // at a time. Advisory, as the log itself is.
  template <typename Kind>
  void log(Kind kind) {
    for (const auto& [run, step] : newest_steps()) {
      kind.step = step;
      append(run, events::to_event(kind));
    }
  }

 private:
  static void append(const std::string& run, const Event& event);
  void make_file();
  void learn_of_runs();

  int fd_ = -1;  // reads the file even after it was removed
  std::string file_;
  std::set<std::string> runs_;
  Steps steps_;
};

}  // namespace holdfast::tool
