#include <holdfast/checkpoint/save/staging.h>

#include <algorithm>
#include <utility>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast {
namespace {

constexpr std::size_t kPageBytes = 4 << 10;

}  // namespace

Staging::Staging(std::shared_ptr<StagingAllocator> allocator)
    : allocator_(allocator != nullptr ? std::move(allocator) : default_staging_allocator()) {}

Staging::Memory Staging::allocate() {
  Memory memory = allocator_->allocate(kSegmentBytes);
  const auto address = reinterpret_cast<std::uintptr_t>(memory.get());
  if (memory != nullptr && address % kStagingAlignment == 0) return memory;
  throw Error(ErrorKind::kInvalidArgument, "the staging allocator gave memory that cannot be used")
      .expected("an address that is a multiple of " + std::to_string(kStagingAlignment))
      .found(memory == nullptr ? "a null pointer"
                               : "one " + std::to_string(address % kStagingAlignment) +
                                     " bytes past such an address")
      .remedy("return aligned memory from StagingAllocator::allocate(), or throw");
}

void Staging::open(std::uint64_t max_bytes) {
  const std::lock_guard<std::mutex> lock(mutex_);
  max_segments_ = std::max<std::uint64_t>(2, max_bytes / kSegmentBytes);
  if (memory_.size() > max_segments_) {
    memory_.resize(max_segments_);
    requested_ = max_segments_;
    free_.clear();
    for (const Memory& memory : memory_) free_.push_back(memory.get());
  }
  queue_.clear();
  closed_ = false;
}

// release() must not need memory: there is room for every segment before one is handed out.
void Staging::add(Memory memory) {
  free_.reserve(memory_.size() + 1);
  memory_.push_back(std::move(memory));
}

// The allocator may take its time (pinning pages does): it is called without the lock, so that the
// writing threads can give segments back meanwhile.
ByteSpan Staging::acquire() {
  std::unique_lock<std::mutex> lock(mutex_);
  freed_.wait(lock, [this] { return !free_.empty() || requested_ < max_segments_; });
  if (!free_.empty()) {
    std::byte* const memory = free_.back();
    free_.pop_back();
    return {memory, kSegmentBytes};
  }
  ++requested_;
  lock.unlock();
  try {
    Memory memory = allocate();
    lock.lock();
    add(memory);
    return {memory.get(), kSegmentBytes};
  } catch (...) {
    if (!lock.owns_lock()) lock.lock();
    --requested_;
    freed_.notify_one();  // it may be waiting for this segment, and has to ask for its own
    throw;
  }
}

void Staging::reserve(std::uint64_t bytes) {
  const std::uint64_t segments = (bytes + kSegmentBytes - 1) / kSegmentBytes;
  const auto has_enough = [&] {
    const std::lock_guard<std::mutex> lock(mutex_);
    return requested_ >= std::min<std::uint64_t>(max_segments_, segments);
  };
  while (!has_enough()) {
    Memory memory = allocate();
    for (std::size_t at = 0; at < kSegmentBytes; at += kPageBytes) memory.get()[at] = std::byte{0};
    const std::lock_guard<std::mutex> lock(mutex_);
    add(memory);
    free_.push_back(memory.get());
    ++requested_;
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
