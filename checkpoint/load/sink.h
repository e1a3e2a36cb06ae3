// Where a load puts what it read. The seam towards LibTorch and user code.
#pragma once

#include <cstdint>

#include <holdfast/checkpoint/base/bytes.h>

namespace holdfast {

// Takes the bytes of one entry, row-major and little-endian, in parts and in any order, from
// several threads at once. Every byte has been verified against its digest before it gets here.
class Sink {
 public:
  virtual ~Sink() = default;
  virtual void write(std::uint64_t offset, ByteView bytes) = 0;
};

}  // namespace holdfast
