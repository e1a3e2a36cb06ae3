// Runs the training that a configuration describes, with checkpoints. Resumes where an earlier
// process stopped.
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
  std::int64_t steps = 0;                 // completed steps, those of earlier processes included
  std::int64_t steps_here = 0;            // completed by this call
  std::map<std::string, double> metrics;  // of the last evaluation; empty if the run is not done
  int stopped_by = 0;                     // the signal that stopped it; 0 if the run is done
  SaveStatistics saves;
  double seconds = 0;  // time that this call took
};

// Trains until the last step of the configuration; if the run is already done, returns at once. On
// SIGTERM, SIGINT or SIGUSR1 (stop_signals.h) completes the step and its evaluation, saves, and
// returns when that save is durable. Shows progress on `out`.
//
// Throws Error: for mistakes in the configuration, the data or the checkpoints, for a loss that is
// not finite (train.on_nonfinite_loss), and for a failed save if checkpoint.on_error is `stop`.
// Changes two settings of the process: the number of threads (train.threads), and the default
// generator, which it seeds.
RunResult run(const Config& config, std::ostream& out, const ProgressOptions& progress);

// The table that is shown at the end of a run.
std::string summary_of(const RunResult& result);

}  // namespace holdfast::trainer
