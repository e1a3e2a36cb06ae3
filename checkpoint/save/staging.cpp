#include <holdfast/checkpoint/save/staging.h>

#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>

namespace holdfast {
namespace {

constexpr std::size_t kPageBytes = 4 << 10;
constexpr std::size_t kHugePageBytes = 2 << 20;
static_assert(kSegmentBytes % kHugePageBytes == 0);

}  // namespace

Staging::Memory Staging::allocate() {
  constexpr std::size_t kRoom = kSegmentBytes + kHugePageBytes;  // to align it in
  void* const mapped =
      mmap(nullptr, kRoom, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) throw std::bad_alloc();
  auto* const begin = static_cast<std::byte*>(mapped);
  const std::size_t in_front = (0 - reinterpret_cast<std::uintptr_t>(begin)) % kHugePageBytes;
  if (in_front > 0) munmap(begin, in_front);
  munmap(begin + in_front + kSegmentBytes, kHugePageBytes - in_front);
  Memory memory(begin + in_front);
  // Fewer pages to find when it is filled and pinned when it is written. Refused: it works as well.
  madvise(memory.get(), kSegmentBytes, MADV_HUGEPAGE);
  // A child made by fork() has no use for it, and would make every page of the next save a copy.
  madvise(memory.get(), kSegmentBytes, MADV_DONTFORK);
  return memory;
}

void Staging::Free::operator()(std::byte* memory) const {
  munmap(memory, kSegmentBytes);
}

// All segments are free: what the limit has no room for any more is given back.
void Staging::open(std::uint64_t max_bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  max_segments_ = std::max<std::uint64_t>(2, max_bytes / kSegmentBytes);
  if (memory_.size() > max_segments_) {
    memory_.resize(max_segments_);
    free_.clear();
    for (const Memory& memory : memory_) free_.push_back(memory.get());
  }
  queue_.clear();
  closed_ = false;
}

void Staging::add(Memory memory) {
  free_.reserve(memory_.size() + 1);
  memory_.push_back(std::move(memory));
  free_.push_back(memory_.back().get());
}

ByteSpan Staging::acquire() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (free_.empty() && memory_.size() < max_segments_) add(allocate());
  freed_.wait(lock, [this] { return !free_.empty(); });
  std::byte* const memory = free_.back();
  free_.pop_back();
  return {memory, kSegmentBytes};
}

void Staging::reserve(std::uint64_t bytes) {
  const std::uint64_t wanted =
      std::min<std::uint64_t>(max_segments_, (bytes + kSegmentBytes - 1) / kSegmentBytes);
  for (;;) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (memory_.size() >= wanted) return;
    }
    Memory memory = allocate();
    for (std::size_t at = 0; at < kSegmentBytes; at += kPageBytes) memory.get()[at] = std::byte{0};
    const std::lock_guard<std::mutex> lock(mutex_);
    add(std::move(memory));
  }
}

void Staging::submit(Segment segment) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue_.push_back(segment);
  }
  submitted_.notify_one();
}

void Staging::close() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
  }
  submitted_.notify_all();
}

std::optional<Segment> Staging::take() {
  std::unique_lock<std::mutex> lock(mutex_);
  submitted_.wait(lock, [this] { return closed_ || !queue_.empty(); });
  if (queue_.empty()) return std::nullopt;
  Segment segment = queue_.front();
  queue_.pop_front();
  return segment;
}

void Staging::release(ByteSpan memory) noexcept {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    free_.push_back(memory.data);
  }
  freed_.notify_one();
}

std::uint64_t Staging::allocated_bytes() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return memory_.size() * kSegmentBytes;
}

}  // namespace holdfast
