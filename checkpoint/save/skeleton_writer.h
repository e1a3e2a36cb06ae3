// Writing the files of a checkpoint. Publishing them is another step: publish.h.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/save/skeleton.h>
#include <holdfast/checkpoint/save/staging.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Writes the shards, the catalog and the index of a skeleton into a directory, and takes their
// digests. Knows no manifest: what it wrote is no checkpoint until somebody vouches for its
// records. Errors are those of File; after one, destroy the writer and remove the directory.
class SkeletonWriter {
 public:
  // Creates the shard files, which must not be there. Directory and skeleton must live until the
  // last call.
  SkeletonWriter(const Directory& directory, const Skeleton& skeleton);

  // Digests a segment of a shard and writes it. May be called by several threads at once.
  void write(const Segment& segment);

  // Writes catalog and index and makes both durable. Call it once, on any thread, also while others
  // write segments.
  void write_structure();

  // After all that, once: the names, sizes and digests of all files, for the manifest. The shards
  // may not be durable yet.
  std::vector<format::FileRecord> take_records();

  // One call for each shard: it makes the shard durable and closes it. Each waits for the disk, so
  // run them side by side. If one throws, the files must not be published. The writer outlives the
  // calls.
  std::vector<std::function<void()>> syncs();

 private:
  const Directory& directory_;
  const Skeleton& skeleton_;
  std::vector<File> shards_;
  std::vector<format::FileRecord> records_;  // of the shards
};

}  // namespace holdfast
