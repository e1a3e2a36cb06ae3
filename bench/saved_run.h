// A run that is saved to again and again, and timed.
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
  double step = 0;     // of the training's step just before; 0 if there was none
  double blocked = 0;  // the calls of save() and, with overlap, of before_step()
  double work = 0;     // of the training between the two
  double durable = 0;  // from the call of save() to the commit
  double retired = 0;  // from the call of save() until the checkpoint before it is removed
};

enum class Overlap { kNo, kYes };

// The newest checkpoint stays, the one before is removed with each save. Staging may take all that
// the state needs.
class SavedRun {
 public:
  // `step` touches the whole state, as a training's optimizer does just before a save.
  SavedRun(const std::string& path, State& state, const Workload& workload, Overlap overlap,
           std::function<void()> step);

  // A step, and one save; all of it is over when this returns. `work` is what the training does
  // between save() and its next optimizer step.
  SaveTimes save(const std::function<void()>& work = [] {});
  // The same without the step: the memory of the state has lain idle for as long as it has.
  SaveTimes save_idle(const std::function<void()>& work = [] {});

  // For a training loop that goes on meanwhile.
  void begin_save();
  void before_step() { checkpointer_.before_step(); }
  void wait() { checkpointer_.wait(); }

  double blocked_seconds() const { return checkpointer_.statistics().blocked_seconds; }
  std::string newest() const;  // directory of the newest checkpoint
  // From there into the one model, which the state has as "model".
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

// A sample of each: "blocked_s", "durable_s", "retired_s".
void add_times(Result& result, const SaveTimes& times);

}  // namespace holdfast::bench
