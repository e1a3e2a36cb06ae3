// The memory between training and the disk: a bounded number of segments that are filled, written
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

namespace holdfast {

inline constexpr std::uint64_t kSegmentBytes = 8 << 20;  // a multiple of format::kBlockBytes

// A part of a shard file on its way to the disk.
struct Segment {
  std::size_t shard = 0;
  std::uint64_t offset = 0;  // in the file; a multiple of kSegmentBytes
  ByteSpan bytes;            // in memory aligned to 4096
};

// Segments for one save at a time. Filling threads acquire and submit; writing threads take and
// release. Memory is allocated on first use or by reserve(), up to the limit, and kept until the
// end. A child made by fork(2) does not have it.
class Staging {
 public:
  // Before a save, which may take so much memory; at least two segments, whatever the limit.
  void open(std::uint64_t max_bytes);
  ByteSpan acquire();  // waits for a free segment
  void submit(Segment segment);
  void close();  // no more will be submitted

  // Allocates what is still missing for so many bytes at once, and touches it, so that the next
  // save finds its memory ready. Between saves.
  void reserve(std::uint64_t bytes);

  std::optional<Segment> take();  // waits; empty once closed and drained
  void release(ByteSpan memory) noexcept;

  std::uint64_t allocated_bytes() const;

 private:
  struct Free {
    void operator()(std::byte* memory) const;
  };
  using Memory = std::unique_ptr<std::byte, Free>;
  static Memory allocate();

  void add(Memory memory);

  std::size_t max_segments_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable freed_, submitted_;
  std::vector<Memory> memory_;
  std::vector<std::byte*> free_;  // has room for all of them
  std::deque<Segment> queue_;
  bool closed_ = true;
};

}  // namespace holdfast
