// What a save is told and what it reports. Small: saver.h is for those who run one.
#pragma once

#include <cstdint>
#include <memory>

namespace holdfast {

class StagingAllocator;

struct SaverOptions {
  int shards = 1;  // files for the data; what varies from save to save gets one more
  std::uint64_t max_staging_bytes = 1 << 30;  // includes the memory of the headers and the index
  int threads = 2;                            // that copy, and as many that digest and write
  // save() returns before all sources are copied: see Saver::finish_staging().
  bool overlap = false;
  // Where the memory for staging comes from. Null: default_staging_allocator().
  std::shared_ptr<StagingAllocator> staging_allocator = nullptr;
};

struct SaveReport {
  std::int64_t step = 0;
  std::uint64_t bytes = 0;     // of all shard files
  double durable_seconds = 0;  // from the call of save() until the commit
};

}  // namespace holdfast
