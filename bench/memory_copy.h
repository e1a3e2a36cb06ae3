// A plain copy from memory to memory: no copy of the state can be faster.
#pragma once

#include <holdfast/checkpoint/base/bytes.h>

namespace holdfast::bench {

enum class Stores {
  kCached,
  kStreaming
};  // memcpy(3), or stores past the caches if the CPU has them

// Copies `from` to `to` in pieces, on that many threads. Both have the same size and are aligned to
// 4096 bytes.
void copy_memory(ByteView from, ByteSpan to, int threads, Stores stores);

}  // namespace holdfast::bench
