#include <holdfast/checkpoint/base/copy.h>

#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace holdfast {
namespace {

// A shorter copy is over soon, and its bytes may well be useful in the cache.
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
  // The processor prefetches by itself, but never past the end of a page. Without our prefetch
  // every 64th line (one a page of 4 KiB) would wait for the translation of the page's address, and
  // then for the memory.
  constexpr std::size_t kAhead = 1024;
  auto* target = static_cast<char*>(to);
  const auto* source = static_cast<const char*>(from);
  // Streaming stores need aligned, whole cache lines of the target. The bytes before the first and
  // behind the last whole line are copied by memcpy.
  const std::size_t before = (kLine - reinterpret_cast<std::uintptr_t>(target) % kLine) % kLine;
  std::memcpy(target, source, before);
  const std::size_t lines = (bytes - before) / kLine;
  target += before;
  source += before;
  for (std::size_t i = 0; i < lines; ++i, target += kLine, source += kLine) {
    _mm_prefetch(source + kAhead, _MM_HINT_NTA);  // does not fault, even past the end of `from`
    __m128i line[4];
    for (int j = 0; j < 4; ++j)
      line[j] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source) + j);
    for (int j = 0; j < 4; ++j) _mm_stream_si128(reinterpret_cast<__m128i*>(target) + j, line[j]);
  }
  std::memcpy(target, source, bytes - before - lines * kLine);
  // Streaming stores are not ordered with other stores: without the fence another thread could be
  // told that the bytes are there before it can see them.
  _mm_sfence();
}
#else
void copy_past_cache(void* to, const void* from, std::size_t bytes) {
  std::memcpy(to, from, bytes);
}
#endif

}  // namespace holdfast
