// The lock that lets only one process write to a run.
#pragma once

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Locks <run>/LOCK with flock(2) from construction to destruction. The constructor throws
// Error(kLocked), which names the holder, if another process has the lock. The file says who holds
// the lock (pid, host, since when), and is not removed on release. The kernel releases the lock
// when the process ends, however it ends. A forked child does not hold it (see File). Does not work
// on network file systems without flock.
class RunLock {
 public:
  explicit RunLock(const Directory& run);

 private:
  File file_;
};

}  // namespace holdfast
