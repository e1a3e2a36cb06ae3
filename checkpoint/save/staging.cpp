#include <holdfast/checkpoint/save/staging.h>

#include <algorithm>
#include <new>
#include <utility>

#include <holdfast/checkpoint/format/shard.h>

namespace holdfast {

Staging::Staging(std::uint64_t max_bytes)
    : max_segments_(std::max<std::uint64_t>(2, max_bytes / kSegmentBytes)) {}

Staging::Memory Staging::allocate() {
  Memory memory(static_cast<std::byte*>(std::aligned_alloc(format::kPageBytes, kSegmentBytes)));
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void Staging::open() {
  const std::lock_guard<std::mutex> lock(mutex_);
  queue_.clear();
  closed_ = false;
}

ByteSpan Staging::acquire() {
  std::unique_lock<std::mutex> lock(mutex_);
  if (free_.empty() && memory_.size() < max_segments_) {
    memory_.push_back(allocate());
    free_.push_back(memory_.back().get());
  }
  freed_.wait(lock, [this] { return !free_.empty(); });
  std::byte* const memory = free_.back();
  free_.pop_back();
  return {memory, kSegmentBytes};
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

void Staging::release(ByteSpan memory) {
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
