// The exit status by which a training program tells its parent how it ended.
#pragma once

namespace holdfast {

// All programs of Holdfast exit with these. `holdfast run` and the batch script in scripts/slurm
// depend on them. 75 is EX_TEMPFAIL of sysexits.h ("try again later").
enum ExitStatus {
  kDone = 0,
  kFailed = 1,    // a restart may help: it goes on from the newest checkpoint
  kBadUsage = 2,  // the command line or the configuration is wrong: a restart does not help
  kStopped = 75,  // stopped by request, after saving a checkpoint: a restart goes on from it
};

}  // namespace holdfast
