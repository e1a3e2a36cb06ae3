// Saves to one run again and again, and takes the times.
#pragma once

#include <holdfast/checkpoint/checkpointer.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>

#include "result.h"
#include "stopwatch.h"

namespace holdfast::bench {

struct SaveTimes {
  double step = 0;     // the training step just before the save; 0 if there was none
  double blocked = 0;  // in save() and, with overlap, in before_step()
  double work = 0;     // the training between these two calls
  double durable = 0;  // from the call of save() to the commit
  double retired = 0;  // from the call of save() until the checkpoint before it is removed
};

enum class Overlap { kNo, kYes };

// Keeps only the newest checkpoint: each save removes the one before. Staging memory is as large as
// the state needs.
class SavedRun {
 public:
  // `step` must touch the whole state, as an optimizer does just before a save.
  SavedRun(const std::string& path, State& state, const Workload& workload, Overlap overlap,
           std::function<void()> step);

  // Takes a step and then one save, and waits until all of it is done. `work` stands for what the
  // training does between save() and its next optimizer step.
  SaveTimes save(const std::function<void()>& work = [] {});
  // The same without the step: nobody has touched the memory of the state since the last one.
  SaveTimes save_idle(const std::function<void()>& work = [] {});

  // For a training loop that takes its steps itself.
  void begin_save();
  void before_step() { checkpointer_.before_step(); }
  void wait() { checkpointer_.wait(); }

  double blocked_seconds() const { return checkpointer_.statistics().blocked_seconds; }
  std::string newest() const;  // directory of the newest checkpoint
  // Loads it into this model, which is "model" in the state.
  double seconds_to_load(torch::nn::Module& model) const;

 private:
  Options options_for(const Workload& workload, Overlap overlap);

  State& state_;
  const int threads_;
  const std::function<void()> take_step_;
  std::atomic<Stopwatch::Clock::time_point> committed_{};
  Checkpointer checkpointer_;
  std::int64_t step_ = 0;
};

// Adds one sample to each of "blocked_s", "durable_s" and "retired_s".
void add_times(Result& result, const SaveTimes& times);

}  // namespace holdfast::bench
