// Where a load puts what it read. The seam towards LibTorch and user code.
#pragma once

#include <cstdint>
#include <cstring>

#include <holdfast/checkpoint/base/bytes.h>

namespace holdfast {

// Takes the bytes of one entry, row-major and little-endian, in parts and in any order, from
// several threads at once.
class Sink {
 public:
  virtual ~Sink() = default;

  // Where all the bytes may be put by whoever has them; empty: nowhere, write() takes them. What is
  // read straight to there is verified there: after an error it may be anything.
  virtual ByteSpan memory() { return {}; }

  // Bytes that have been verified against their digest.
  virtual void write(std::uint64_t offset, ByteView bytes) = 0;
};

// Memory of the caller's, as large as what is read.
class SpanSink final : public Sink {
 public:
  explicit SpanSink(ByteSpan to) : to_(to) {}
  ByteSpan memory() override { return to_; }
  void write(std::uint64_t offset, ByteView bytes) override {
    std::memcpy(to_.data + offset, bytes.data, bytes.size);
  }

 private:
  ByteSpan to_;
};

}  // namespace holdfast
