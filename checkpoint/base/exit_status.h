// How a training program says to whoever started it how it ended.
#pragma once

namespace holdfast {

// Programs of Holdfast keep to this, and `holdfast run` and the batch script in scripts/slurm
// depend on it. 75 is EX_TEMPFAIL of sysexits.h: try again later.
enum ExitStatus {
  kDone = 0,
  kFailed = 1,    // starting it again may help: it goes on from the newest checkpoint
  kBadUsage = 2,  // of the command line or the configuration: starting it again does not help
  kStopped = 75,  // by request, with a checkpoint saved: starting it again goes on
};

}  // namespace holdfast
