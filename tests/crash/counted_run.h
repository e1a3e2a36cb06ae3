// A run on a simulated disk of which every value is known beforehand: what the step makes of it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
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
  std::minstd_rand engine_;
  std::map<std::string, std::array<std::int64_t, 2>> counters_;
  State state_;
};

std::string row_of(std::int64_t step);  // of the journal

// Two shards, the newest two kept. One thread that writes, beside the one that trains.
Options counted_options(std::shared_ptr<FileSystem> fs);

// What a process does.
struct Plan {
  std::int64_t end = 0;   // the step that it trains to
  std::string from = {};  // the checkpoint that it begins with, of any run; empty: its run's newest
  std::string run = kRunPath;
  int max_failures = 0;  // after so many the next older checkpoint is taken
};

// Resumes the run, or begins it, and trains to the end, saving at every step; marks in the log
// which step the program was told to be durable.
//
// The calls are the same in the same order every time; only names, ids and times in them are
// random. To that end each save has ended before the next step; the next step's row comes into the
// journal while it is under way, as it may in a training that goes on meanwhile, but always in the
// same of its fsyncs.
void train(const std::shared_ptr<MemoryFileSystem>& fs, const Plan& plan);
inline void train(const std::shared_ptr<MemoryFileSystem>& fs, std::int64_t end) {
  train(fs, Plan{end});
}

// Resumes the run and ends by a failure of the program's own.
void fail(const std::shared_ptr<MemoryFileSystem>& fs);

std::string checkpoint_path(const std::string& run, std::int64_t step);

// What holds of a run that crashed, and how it goes on. -1: there is no such step.
struct Promise {
  std::int64_t told = -1;       // was reported to be durable
  std::int64_t damaged = -1;    // was damaged before, by somebody else, and is not told again
  std::int64_t set_aside = -1;  // is whole, in the run or in superseded/
  // As it was when it crashed. Where it began with another run's checkpoint, it does so again if it
  // finds none of its own; its journal begins behind that step.
  Plan plan = {};
  std::int64_t forked_at = -1;
};

// What is wrong with a run that was left like this: empty, or what of the promise is broken.
//  - Every checkpoint that can be seen or was set aside is whole.
//  - Resuming puts back one of them, none older than what was told, and quarantines none.
//  - Every value and the journal are as that many steps make them.
//  - If it is tried: the run goes on, the next save succeeds, and nothing unfinished is left
//    behind.
std::string problem_after_crash(const Disk& disk, const Promise& promise, bool go_on);

}  // namespace holdfast::testing
