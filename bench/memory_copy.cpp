#include "memory_copy.h"

#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "workers.h"

namespace holdfast::bench {
namespace {

#if defined(__SSE2__)
void stream(const std::byte* from, std::byte* to, std::uint64_t bytes) {
  constexpr std::uint64_t kVector = sizeof(__m128i);
  const std::uint64_t whole = bytes / kVector * kVector;
  for (std::uint64_t i = 0; i < whole; i += kVector) {
    const __m128i value = _mm_load_si128(reinterpret_cast<const __m128i*>(from + i));
    _mm_stream_si128(reinterpret_cast<__m128i*>(to + i), value);
  }
  _mm_sfence();
  std::memcpy(to + whole, from + whole, bytes - whole);
}
#else
void stream(const std::byte* from, std::byte* to, std::uint64_t bytes) {
  std::memcpy(to, from, bytes);
}
#endif

}  // namespace

void copy_memory(ByteView from, ByteSpan to, int threads, Stores stores) {
  for_each_piece(threads, from.size, [&](std::uint64_t offset, std::uint64_t size) {
    if (stores == Stores::kStreaming) {
      stream(from.data + offset, to.data + offset, size);
    } else {
      std::memcpy(to.data + offset, from.data + offset, size);
    }
  });
}

}  // namespace holdfast::bench
