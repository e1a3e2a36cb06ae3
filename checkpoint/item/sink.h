// Where a load puts what it reads. LibTorch's tensors and a user's objects stand behind it.
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

  // Memory for all the bytes. A load may read straight into it and verify them there: after an
  // error it may hold anything. Empty: there is none, and write() takes all.
  virtual ByteSpan memory() { return {}; }

  // Takes bytes that were verified against their digest.
  virtual void write(std::uint64_t offset, ByteView bytes) = 0;
};

// Puts them into the caller's memory, which is as large as what is read.
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
