// What the saves of a training have done, and what they have cost it.
#pragma once

#include <cstdint>
#include <mutex>

#include <holdfast/checkpoint/save/saver.h>

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

// Adds up what saves have done. Methods may be called by several threads at once.
class SaveTally {
 public:
  void blocked(double seconds);
  void failed();
  // A save is committed. Returns the seconds that saves have blocked since the last commit.
  double committed(const SaveReport& report);

  SaveStatistics statistics() const;

 private:
  mutable std::mutex mutex_;
  SaveStatistics so_far_;
  double told_blocked_ = 0;  // of blocked_seconds, by committed()
};

}  // namespace holdfast
