// How far a run is, on one line. Pure functions; progress.h draws what they return.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::trainer {

struct TrainingStatus {
  std::int64_t step = 0;         // completed optimizer steps
  std::int64_t total_steps = 0;  // of the whole run; 0: not known
  std::int64_t epoch = 0;        // counted from 0; shown from 1
  std::int64_t epochs = 0;       // 0: not known
  std::int64_t samples = 0;      // trained on so far; only its growth matters
  std::optional<double> loss;
};

struct ProgressView {
  TrainingStatus status;
  std::optional<double> samples_per_second;
  std::optional<double> eta_seconds;
  std::string save;  // "saving step 200"; empty: nothing to say
};

// A bar and what stands beside it, in at most `columns` columns. What does not fit goes in this
// order: rate, epoch, save, ETA, the bar, loss; the step stays, and is cut only by a terminal
// narrower than itself. Color: with the escape sequences of ANSI terminals, which take no columns.
std::string progress_bar_line(const ProgressView& view, int columns, bool color);

// The same without bar and save, in full: a line of a log.
std::string progress_log_line(const ProgressView& view);

}  // namespace holdfast::trainer
