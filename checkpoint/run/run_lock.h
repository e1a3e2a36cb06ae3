// One writer to a run.
#pragma once

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Holds <run>/LOCK with flock(2) from construction to destruction; the file says who (pid, host,
// since when), and stays when the lock is given back. The kernel gives it back when the process
// ends, however it ends; a child that it has forked does not hold it (File). Error(kLocked) names
// the holder. Not promised on network file systems without flock.
class RunLock {
 public:
  explicit RunLock(const Directory& run);

 private:
  File file_;
};

}  // namespace holdfast
