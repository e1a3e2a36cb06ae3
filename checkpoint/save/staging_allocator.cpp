#include <holdfast/checkpoint/save/staging_allocator.h>

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace holdfast {
namespace {

constexpr std::size_t kHugePageBytes = 2 << 20;

class HugePageAllocator final : public StagingAllocator {
 public:
  std::shared_ptr<std::byte> allocate(std::size_t bytes) override {
    const std::size_t room = bytes + kHugePageBytes;  // to align it in
    void* const mapped =
        mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    auto* const begin = static_cast<std::byte*>(mapped);
    const std::size_t in_front = (0 - reinterpret_cast<std::uintptr_t>(begin)) % kHugePageBytes;
    if (in_front > 0) munmap(begin, in_front);
    munmap(begin + in_front + bytes, kHugePageBytes - in_front);
    // If there is no memory for the pointer's own record, the deleter is called.
    std::shared_ptr<std::byte> memory(begin + in_front,
                                      [bytes](std::byte* own) { munmap(own, bytes); });
    // Fewer pages to find when it is filled, and to pin when it is written. May be refused.
    madvise(memory.get(), bytes, MADV_HUGEPAGE);
    // A child has no use for it, and each page of the next save would be copied.
    madvise(memory.get(), bytes, MADV_DONTFORK);
    return memory;
  }
};

}  // namespace

std::shared_ptr<StagingAllocator> default_staging_allocator() {
  return std::make_shared<HugePageAllocator>();
}

}  // namespace holdfast
