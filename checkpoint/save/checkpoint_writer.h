// One attempt at writing one checkpoint: its files, up to the point where it can be committed.
#pragma once

#include <functional>
#include <vector>

#include <holdfast/checkpoint/base/workers.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/save/pending_checkpoint.h>
#include <holdfast/checkpoint/save/skeleton.h>
#include <holdfast/checkpoint/save/staging.h>

namespace holdfast {

class CheckpointWriter {
 public:
  // Creates the shard files. `skeleton` outlives the writer.
  CheckpointWriter(PendingCheckpoint pending, const Skeleton& skeleton);

  // Digests and writes a segment of a shard. By several threads at once.
  void write(const Segment& segment);

  // Writes catalog and index, durably. Once, at any time before finish().
  void write_structure();

  // After all that. Makes the shards durable and, side by side with them, writes the manifest with
  // the records of all files, and calls `also`, for what is to be durable before the commit too.
  // Returns what is to be committed.
  PendingCheckpoint finish(format::Manifest manifest, const std::function<void()>& also,
                           Workers& workers);

 private:
  void add_record(const char* name, ByteView content);
  void write_small_file(const char* name, ByteView content);

  PendingCheckpoint pending_;
  const Skeleton& skeleton_;
  std::vector<File> files_;
  std::vector<format::FileRecord> records_;
};

}  // namespace holdfast
