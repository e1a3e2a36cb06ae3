// The memory between training and the disk: a limited number of segments that are filled, written
// and used again.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/save/staging_allocator.h>

namespace holdfast {

inline constexpr std::uint64_t kSegmentBytes = 8 << 20;  // a multiple of format::kBlockBytes

// A part of a shard file on its way to the disk.
struct Segment {
  std::size_t shard = 0;
  std::uint64_t offset = 0;  // in the file; a multiple of kSegmentBytes
  ByteSpan bytes;            // in memory aligned to kStagingAlignment
};

// The segments of one save at a time. Filling threads acquire and submit; writing threads take and
// release. Memory comes from the allocator when it is first needed, or by reserve(), up to the
// limit, and is kept for the next saves.
class Staging {
 public:
  // Null: default_staging_allocator().
  explicit Staging(std::shared_ptr<StagingAllocator> allocator = nullptr);

  // Begins a save, which may use so much memory, but at least two segments. All segments are free;
  // gives back those that the limit has no room for.
  void open(std::uint64_t max_bytes);
  // Waits for a free segment, or allocates one. Throws what the allocator throws;
  // Error(kInvalidArgument): the memory that it gave is not aligned.
  ByteSpan acquire();
  void submit(Segment segment);
  void close();  // no more will be submitted

  // Allocates what is missing for so many bytes at once, up to the limit, and touches it, so that
  // the next save finds its memory ready. Between saves. Errors as acquire(); what was allocated
  // until then stays.
  void reserve(std::uint64_t bytes);

  std::optional<Segment> take();  // waits; empty once closed and drained
  void release(ByteSpan memory) noexcept;

  std::uint64_t allocated_bytes() const;

 private:
  using Memory = std::shared_ptr<std::byte>;

  Memory allocate();
  void add(Memory memory);

  const std::shared_ptr<StagingAllocator> allocator_;
  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable freed_, submitted_;
  std::size_t max_segments_ = 0;
  std::size_t requested_ = 0;  // from the allocator: those in memory_, and those on their way
  std::vector<Memory> memory_;
  std::vector<std::byte*> free_;  // has room for all of them
  std::deque<Segment> queue_;
  bool closed_ = true;
};

}  // namespace holdfast
