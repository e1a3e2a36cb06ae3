#include "aligned_memory.h"

#include <cstring>
#include <new>
#include <random>

namespace holdfast::bench {

constexpr std::uint64_t kPage = 4096;

AlignedMemory::AlignedMemory(std::uint64_t bytes)
    : memory_(static_cast<std::byte*>(std::aligned_alloc(kPage, round_up(bytes, kPage)))),
      size_(round_up(bytes, kPage)) {
  if (memory_ == nullptr) throw std::bad_alloc();
  std::mt19937_64 random(1);
  for (std::uint64_t offset = 0; offset < size_; offset += sizeof(std::uint64_t)) {
    const std::uint64_t value = random();
    std::memcpy(memory_.get() + offset, &value, sizeof value);
  }
}

}  // namespace holdfast::bench
