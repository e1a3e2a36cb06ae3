// Trains what a configuration says, with checkpoints, and goes on where an earlier process stopped.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>

#include <holdfast/checkpoint/checkpointer.h>
#include <holdfast/trainer/config.h>
#include <holdfast/trainer/progress.h>

namespace holdfast::trainer {

struct RunResult {
  std::int64_t steps = 0;                 // completed, those of earlier processes included
  std::int64_t steps_here = 0;            // by this call
  std::map<std::string, double> metrics;  // of the last evaluation; none if it was stopped before
  int stopped_by = 0;                     // the signal that ended it before its end; 0: it is done
  SaveStatistics saves;
  double seconds = 0;
};

// Runs to the end of the configuration; returns at once if the run is there already. SIGTERM,
// SIGINT and SIGUSR1 end it sooner (stop_signals.h): the step, with its evaluation, is completed
// and saved, and run() returns when that is durable. Shows progress on `out`. Throws Error: of the
// configuration, the data, the checkpoints, or of a save that failed while checkpoint.on_error is
// `stop`. Sets the thread counts of the process (train.threads), and its default generator.
RunResult run(const Config& config, std::ostream& out, const ProgressOptions& progress);

// The closing table.
std::string summary_of(const RunResult& result);

}  // namespace holdfast::trainer
