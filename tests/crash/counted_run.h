// A run on a simulated disk of which every value is known beforehand: what the step makes of it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <torch/nn/module.h>

#include <holdfast/checkpoint/checkpointer.h>

#include "disk/memory_file_system.h"

namespace holdfast::testing {

constexpr const char* kRunPath = "/training/run";
constexpr const char* kJournalName = "metrics.csv";

// Its tensors are a function of the number of steps taken.
class CountedTraining {
 public:
  CountedTraining();

  void step();
  std::int64_t steps() const { return steps_; }
  State& state() { return state_; }
  // Empty: everything is as `steps()` steps make it.
  std::string problem() const;

 private:
  torch::nn::Module net_;
  torch::Tensor weights_, embedding_, counts_;
  std::int64_t steps_ = 0;
  State state_;
};

std::string row_of(std::int64_t step);  // of the journal

// Two shards, the newest two kept; one thread, so that the order of calls is the same every time.
Options counted_options(std::shared_ptr<FileSystem> fs);

// Resumes the run, or begins it, and trains to the end, saving at every step; marks in the log
// which step the program was told to be durable. `from`: the step to go back to; -1: the newest.
void train(const std::shared_ptr<MemoryFileSystem>& fs, std::int64_t end, std::int64_t from = -1);

// What holds of a run that crashed.
struct Promise {
  std::int64_t told = -1;  // this step was reported to be durable; -1: none was
  std::int64_t damaged =
      -1;  // this one was damaged before, by somebody else, and is not told again
};

// What is wrong with a run that was left like this: empty, or what of the promise is broken.
//  - Every checkpoint that can be seen is whole.
//  - Resuming puts back one of them, none older than what was told, and quarantines none.
//  - Every value and the journal are as that many steps make them.
//  - If it is tried: the run goes on, the next save succeeds, and nothing unfinished is left
//  behind.
std::string problem_after_crash(const Disk& disk, const Promise& promise, bool go_on);

}  // namespace holdfast::testing
