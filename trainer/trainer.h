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
  std::map<std::string, double> metrics;  // of the last evaluation
  SaveStatistics saves;
  double seconds = 0;
};

// Runs to the end of the configuration; returns at once if the run is there already. Shows progress
// on `out`. Throws Error: of the configuration, the data, the checkpoints, or of a save that failed
// while checkpoint.on_error is `stop`. Sets the thread counts of the process (train.threads), and
// its default generator.
RunResult run(const Config& config, std::ostream& out, const ProgressOptions& progress);

// The closing table.
std::string summary_of(const RunResult& result);

}  // namespace holdfast::trainer
