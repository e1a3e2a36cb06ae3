// Adds up what the saves of a training have done.
#pragma once

#include <mutex>

#include <holdfast/checkpoint/run/save_statistics.h>
#include <holdfast/checkpoint/save/saver.h>

namespace holdfast {

// Methods may be called by several threads at once.
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
