// What the numbers of entries are like.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// Of complex numbers each is that of the moduli; bools count as 0 and 1, texts as their bytes.
// Integers beyond 2^53 are rounded to the nearest double.
struct Statistics {
  static constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

  std::uint64_t elements = 0;
  std::uint64_t nans = 0;
  std::uint64_t infinities = 0;
  double minimum = kNone;  // of all that are not NaN; kNone: there are none
  double maximum = kNone;
  double mean = kNone;  // of those that are finite
};

// Of each of the entries, in their order; aliases are followed. Streams: whatever the size of a
// tensor, it takes 1 MiB a thread, and some bytes a block. The same checkpoint gives the same bits
// with any number of threads. Throws as CheckpointFiles::read does; nothing is returned that was
// not verified.
std::vector<Statistics> statistics_of(const CheckpointFiles& files,
                                      const std::vector<const format::Entry*>& entries, int threads,
                                      const Progress& progress = {});

}  // namespace holdfast
