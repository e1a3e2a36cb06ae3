// The limit of every copy of the state: memory to memory.
#pragma once

#include <holdfast/checkpoint/base/bytes.h>

namespace holdfast::bench {

enum class Stores { kCached, kStreaming };  // memcpy(3), or past the caches where the CPU can

// Copies in pieces, on so many threads. `to` is as large as `from`; both are aligned to 4096.
void copy_memory(ByteView from, ByteSpan to, int threads, Stores stores);

}  // namespace holdfast::bench
