// What the saves of a training have done, and what they cost it.
#pragma once

#include <cstdint>

namespace holdfast {

// What the saves of a checkpointer have done so far.
struct SaveStatistics {
  std::int64_t saves = 0;  // committed
  std::int64_t failures = 0;
  std::int64_t last_step = -1;      // of the newest commit; -1: none
  std::uint64_t bytes = 0;          // of all committed shard files
  double blocked_seconds = 0;       // time the calls of save() and wait() took of the training
  double last_durable_seconds = 0;  // from save() to the commit, of the newest
};

// The save in flight.
struct SaveProgress {
  std::int64_t step = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t bytes_total = 0;
};

}  // namespace holdfast
