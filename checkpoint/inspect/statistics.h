// Computes statistics of the elements of entries.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// For complex elements these are the statistics of their moduli. Bools count as 0 and 1, texts as
// their bytes. Integers beyond 2^53 are rounded to the nearest double.
struct Statistics {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  std::uint64_t elements = 0;
  std::uint64_t nans = 0;
  std::uint64_t infinities = 0;
  double minimum = kNone;  // of the elements that are not NaN; kNone if there are none
  double maximum = kNone;  // likewise
  double mean = kNone;     // of the finite elements; kNone if there are none
};

// The statistics of each entry, in the order of `entries`; aliases are followed. Whatever the size
// of a tensor, takes 1 MiB of memory for each thread and some bytes for each block. The same
// checkpoint gives the same bits with any number of threads. Everything is verified; throws as
// CheckpointFiles::read() does.
std::vector<Statistics> statistics_of(const CheckpointFiles& files,
                                      const std::vector<const format::Entry*>& entries, int threads,
                                      const Progress& progress = {});

}  // namespace holdfast
