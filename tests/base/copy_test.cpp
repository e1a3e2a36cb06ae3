#include <gtest/gtest.h>
#include <holdfast/checkpoint/base/copy.h>

#include <cstddef>
#include <vector>

namespace holdfast {
namespace {

constexpr std::size_t kMargin = 128;

std::vector<unsigned char> pattern(std::size_t size) {
  std::vector<unsigned char> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(i * 31 + i / 256);
  return bytes;
}

// Copies so many bytes between places that lie so far behind aligned ones.
void expect_exact_copy(std::size_t size, std::size_t to_shift, std::size_t from_shift) {
  const std::vector<unsigned char> from = pattern(size + from_shift);
  std::vector<unsigned char> to(size + 2 * kMargin, 0xee);
  copy_past_cache(to.data() + kMargin + to_shift, from.data() + from_shift, size);
  for (std::size_t i = 0; i < to.size(); ++i) {
    const bool inside = i >= kMargin + to_shift && i < kMargin + to_shift + size;
    const unsigned char expected = inside ? from[i - kMargin - to_shift + from_shift] : 0xee;
    ASSERT_EQ(to[i], expected) << "byte " << i << " of " << size << " at " << to_shift;
  }
}

TEST(CopyPastCache, CopiesEveryByteAndTouchesNoOther) {
  constexpr std::size_t kLong = 256 << 10;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kLong - 1, kLong, kLong + 1,
                                 kLong + 63, kLong + 64, 2 * kLong + 17})
    for (const std::size_t to_shift : {0, 1, 16, 63})
      for (const std::size_t from_shift : {0, 4, 33}) expect_exact_copy(size, to_shift, from_shift);
}

}  // namespace
}  // namespace holdfast
