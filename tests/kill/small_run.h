// A small training on a real disk, in a process that can be killed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <holdfast/checkpoint/storage/file_system.h>

namespace holdfast::testing {

// Kills its own process, by SIGKILL, in the kth call that changes something on the disk: before the
// call is made, or after. Forwards the rest to the operating system.
std::shared_ptr<FileSystem> deadly_file_system(int kth, bool after);

// Trains a model with dropout and batch norm under Adam to `steps` in the run directory, from
// wherever the run has got to, saves two shards at every step, in the background and overlapped,
// and keeps the newest two.
void train_small_run(const std::string& run, std::int64_t steps, std::shared_ptr<FileSystem> fs);

// How many calls that change something a whole run makes, more or less.
int count_changes(const std::string& run, std::int64_t steps);

// Throws unless both runs have ended at that step with the same bits in every entry, and the same
// journal, and have nothing unfinished lying about.
void require_same_end(const std::string& a, const std::string& b, std::int64_t steps);

}  // namespace holdfast::testing
