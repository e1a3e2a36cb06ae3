// The job that a training is started for, again and again until it is done.
#pragma once

#include <string>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// The environment variable with the job's name: the same for each start of one command, another for
// another. `holdfast run` sets it, and scripts/slurm/train.sbatch, which outlives its process.
inline constexpr const char* kJobVariable = "HOLDFAST_JOB";

std::string job_name();  // empty: the training is started by hand

// <run>/RESTORED remembers which checkpoint, by the path that was given, a job has gone back to: a
// restart of the same command goes on from there, not back again. The job is that of the process.
class JobMemory {
 public:
  explicit JobMemory(const Directory& run) : run_(run) {}  // the run outlives this

  // Throws Error where it cannot be written or read.
  void remember(const std::string& checkpoint);
  // True if remember() was last called with this checkpoint, by a process of the same job. False
  // without a job.
  bool has_gone_back_to(const std::string& checkpoint) const;

 private:
  const Directory& run_;
};

}  // namespace holdfast
