#include <holdfast/checkpoint/base/copy.h>

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace holdfast {
namespace {

// Below it a copy is soon over, and may as well be read from the cache.
constexpr std::size_t kLongCopy = 256 << 10;

}  // namespace

#if defined(__SSE2__)
void copy_past_cache(void* to, const void* from, std::size_t bytes) {
  if (bytes < kLongCopy) {
    std::memcpy(to, from, bytes);
    return;
  }
  constexpr std::size_t kVector = sizeof(__m128i);
  constexpr std::size_t kLine = 4 * kVector;
  // The processor fetches ahead by itself, but only to the end of a page: with pages of 4 KiB every
  // 64th line would wait for the memory, and for the page's address before that.
  constexpr std::size_t kAhead = 1024;
  auto* target = static_cast<char*>(to);
  const auto* source = static_cast<const char*>(from);
  // Whole lines of the target, and what stands before and behind them.
  const std::size_t before = (kLine - reinterpret_cast<std::uintptr_t>(target) % kLine) % kLine;
  std::memcpy(target, source, before);
  const std::size_t lines = (bytes - before) / kLine;
  target += before;
  source += before;
  for (std::size_t i = 0; i < lines; ++i, target += kLine, source += kLine) {
    _mm_prefetch(source + kAhead, _MM_HINT_NTA);  // never faults, not even past the end
    __m128i line[4];
    for (int j = 0; j < 4; ++j)
      line[j] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source) + j);
    for (int j = 0; j < 4; ++j) _mm_stream_si128(reinterpret_cast<__m128i*>(target) + j, line[j]);
  }
  std::memcpy(target, source, bytes - before - lines * kLine);
  _mm_sfence();  // before somebody else is told that the bytes are there
}
#else
void copy_past_cache(void* to, const void* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
}
#endif

}  // namespace holdfast
