#include <holdfast/checkpoint/checkpoint_info.h>

#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

CheckpointInfo info_of(const CheckpointFiles& files) {
  const format::Manifest& manifest = files.manifest();
  CheckpointInfo info;
  info.step = manifest.step;
  info.path = files.path();
  info.run_id = manifest.run_id;
  info.configuration = manifest.configuration;
  info.environment = manifest.environment;
  info.metrics = manifest.metrics;
  return info;
}

}  // namespace holdfast
