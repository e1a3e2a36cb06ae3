// How a training tells the process that started it (`holdfast run`) which runs it works on.
#pragma once

#include <string>
#include <vector>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// The environment variable with the path of a file that the supervisor has made. Each process that
// opens a run to train appends the absolute path of the run's directory to it: a line each, in one
// write. A path that has a line feed in it cannot be told.
inline constexpr const char* kRunsFileVariable = "HOLDFAST_RUNS_FILE";

// Appends the run to the supervisor's file; does nothing where there is none. Advisory: what fails
// here fails no training.
void announce_run(const Directory& run) noexcept;

// The runs in such a file, each once, in the order in which they came first. A line that is not
// complete or no absolute path is passed over. Error(kIo…) if the file cannot be read.
std::vector<std::string> read_announced_runs(const std::string& file);

}  // namespace holdfast
