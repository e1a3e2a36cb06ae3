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
// restart of the same command goes on from there, not back again.
void remember_restore(const Directory& run, const std::string& checkpoint);
// True if the last that was remembered is this one, by the job of this process.
bool job_has_restored(const Directory& run, const std::string& checkpoint);

}  // namespace holdfast
