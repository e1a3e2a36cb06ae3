// Where the memory for staging comes from.
#pragma once

#include <cstddef>
#include <memory>

namespace holdfast {

inline constexpr std::size_t kStagingAlignment = 4096;  // bytes; what direct writes need

// Gives the memory that a save copies its sources into and writes to disk from. A program whose
// sources are on a device gives pinned memory, which the device can copy to while the host goes on.
//
// Threads: allocate(), and giving memory back, may happen on several threads at once, and on
// threads that the saver has made. The saver allocates when a save first needs a segment, or behind
// a save for the next one; it keeps what it has until a save has a lower limit or the saver is
// destroyed, and holds the allocator for as long.
//
// fork(2): a child never calls the allocator, touches the memory or gives it back. Keep the memory
// out of children where you can (MADV_DONTFORK). Otherwise each page that the parent writes to
// while a child lives is copied, and for memory that a device writes to, the copy may not be where
// the device writes.
class StagingAllocator {
 public:
  virtual ~StagingAllocator() = default;

  // Returns `bytes` bytes of any content, aligned to kStagingAlignment; `bytes` is a multiple of
  // 2 MiB, so that huge pages fit. They are given back when the last copy of the pointer goes. The
  // pointer may share ownership of something larger (std::shared_ptr's aliasing constructor).
  //
  // Never null. Throws an Error that says what failed and what to do, or std::bad_alloc: the save
  // fails with it, the checkpoints before stay, and the next save asks again. To go on with
  // ordinary memory instead, return default_staging_allocator()->allocate(bytes) and tell your
  // user.
  virtual std::shared_ptr<std::byte> allocate(std::size_t bytes) = 0;
};

// Anonymous memory, in huge pages where the kernel has them, that children do not get. Throws
// std::bad_alloc. Has no state.
std::shared_ptr<StagingAllocator> default_staging_allocator();

}  // namespace holdfast
