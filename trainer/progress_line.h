// Writes on one line how far a run is. Pure functions; Progress (progress.h) shows what they
// return.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::trainer {

struct TrainingStatus {
  std::int64_t step = 0;         // completed optimizer steps
  std::int64_t total_steps = 0;  // of the whole run; 0 if not known
  std::int64_t epoch = 0;        // counted from 0; shown from 1
  std::int64_t epochs = 0;       // 0 if not known
  std::int64_t samples = 0;      // samples trained on so far; only used for their rate
  std::optional<double> loss;
};

struct ProgressView {
  TrainingStatus status;
  std::optional<double> samples_per_second;
  std::optional<double> eta_seconds;
  std::string save;  // "saving step 200"; may be empty
};

// The step, the bar and the other parts, in at most `columns` columns. If they do not fit, parts
// are left out in this order: rate, epoch, save, ETA, bar, loss. The step is never left out, but it
// is cut if it alone is wider than `columns`. `color` adds ANSI escape sequences, which take no
// columns.
std::string progress_bar_line(const ProgressView& view, int columns, bool color);

// A line for a log: all parts but the bar and the save, however wide they are.
std::string progress_log_line(const ProgressView& view);

}  // namespace holdfast::trainer
