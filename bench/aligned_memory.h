// Memory that direct I/O can use.
#pragma once

#include <holdfast/checkpoint/base/bytes.h>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace holdfast::bench {

// Memory aligned to 4096 bytes. Every page is present from the start and filled with pseudo-random
// numbers, so that neither page faults nor compression disturb what is measured.
class AlignedMemory {
 public:
  explicit AlignedMemory(std::uint64_t bytes);  // rounded up to a multiple of 4096

  ByteSpan span() const { return {memory_.get(), size_}; }
  std::uint64_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* memory) const { std::free(memory); }
  };
  std::unique_ptr<std::byte, Free> memory_;
  std::uint64_t size_;
};

}  // namespace holdfast::bench
