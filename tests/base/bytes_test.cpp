#include <gtest/gtest.h>
#include <holdfast/checkpoint/base/bytes.h>

#include <limits>
#include <string>

namespace holdfast {
namespace {

TEST(Bytes, AViewShowsTheMemoryItWasMadeFrom) {
  const std::string text = "abcdef";
  const ByteView view{std::string_view(text)};
  EXPECT_EQ(view.size, 6u);
  EXPECT_EQ(static_cast<const void*>(view.data), text.data());
  EXPECT_EQ(view.text(), "abcdef");
}

TEST(Bytes, ASliceIsAPartOfTheSameMemory) {
  const std::string text = "abcdef";
  EXPECT_EQ(ByteView(std::string_view(text)).slice(2, 3).text(), "cde");
  EXPECT_EQ(ByteView(std::string_view(text)).slice(6, 0).size, 0u);
}

TEST(Bytes, ASpanWritesToTheMemoryItWasMadeFrom) {
  std::vector<std::byte> bytes(4, std::byte{'x'});
  ByteSpan span = bytes;
  span.slice(1, 2).data[0] = std::byte{'y'};
  EXPECT_EQ(ByteView(span).text(), "xyxx");
}

TEST(Bytes, NothingHasNoBytes) {
  EXPECT_EQ(ByteView().size, 0u);
  EXPECT_EQ(ByteView().text(), "");
  EXPECT_EQ(ByteSpan().size, 0u);
}

TEST(Bytes, RoundingUpStopsAtTheNextMultiple) {
  EXPECT_EQ(round_up(0, 4096), 0u);
  EXPECT_EQ(round_up(1, 4096), 4096u);
  EXPECT_EQ(round_up(4096, 4096), 4096u);
  EXPECT_EQ(round_up(4097, 4096), 8192u);
  EXPECT_EQ(round_up(7, 1), 7u);
  constexpr std::uint64_t kLargest = std::numeric_limits<std::uint64_t>::max() - 4095;
  EXPECT_EQ(round_up(kLargest, 4096), kLargest);
}

}  // namespace
}  // namespace holdfast
