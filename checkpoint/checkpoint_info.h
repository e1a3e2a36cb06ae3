// What a checkpoint says of itself, and what a resume from it has done.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/load_report.h>
#include <holdfast/checkpoint/state/mode_change.h>

namespace holdfast {

class CheckpointFiles;

// What the checkpoint's manifest says.
struct CheckpointInfo {
  std::int64_t step = 0;  // completed optimizer steps
  std::string path;       // of the checkpoint directory
  std::string run_id;
  std::map<std::string, std::string> configuration;  // Options::configuration when it was saved
  std::map<std::string, std::string> environment;    // state/environment.h when it was saved
  std::map<std::string, double> metrics;             // those given to save()
};

CheckpointInfo info_of(const CheckpointFiles& files);

// The checkpoint that was restored, and what the restore has done.
struct Resumed : CheckpointInfo {
  // What Checkpointer::restore_latest() or restore() has changed in how models train, in the order
  // of the changes.
  std::vector<ModeChange> mode_changes;
  // Set by Checkpointer::restore(): this job has already gone back to the checkpoint that was asked
  // for, in an earlier process. So the run's own newest checkpoint was restored instead.
  bool had_gone_back = false;
  // Which names were restored and which were not.
  LoadReport load;
};

}  // namespace holdfast
