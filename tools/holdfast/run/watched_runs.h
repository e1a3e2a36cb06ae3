// The runs that a command trains, and how far each has got.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/log/typed_events.h>

namespace holdfast::tool {

// The committed steps of a run, ascending. Takes no lock. Empty if the run cannot be read.
std::vector<std::int64_t> steps_of_run(const std::string& run);

// The newest committed step of each run, by the run's directory. Empty for a run without
// checkpoints.
using Steps = std::map<std::string, std::optional<std::int64_t>>;

// True if any run has a newer step than before, or its first.
bool has_progressed(const Steps& before, const Steps& after);

// "the run got from step 200 to step 400". For several runs, a clause for each with its directory.
std::string describe(const Steps& before, const Steps& after);

// Owns the file in which the command announces its runs (protocol/supervision.h).
class WatchedRuns {
 public:
  WatchedRuns();
  ~WatchedRuns();
  WatchedRuns(const WatchedRuns&) = delete;
  WatchedRuns& operator=(const WatchedRuns&) = delete;

  // The path of the file, for the next start. Makes a new file if the old one was removed, as
  // systems do with temporary files that are days old. Runs that were announced in the old one stay
  // known.
  const std::string& file();

  // The newest steps of all runs that were announced so far. Takes no locks and changes nothing.
  // For a run that cannot be read now, returns the step that was read last, so that it counts
  // neither as progress nor as a loss.
  Steps newest_steps();

  // Appends the event, one of the table's that have a step, to the events.jsonl of each run, with
  // the run's newest step if it has one. Call only while the command does not run: a log has one
  // writer at a time. Failures are ignored.
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

  int fd_ = -1;  // can still read the file after it was removed
  std::string file_;
  std::set<std::string> runs_;
  Steps steps_;
};

}  // namespace holdfast::tool
