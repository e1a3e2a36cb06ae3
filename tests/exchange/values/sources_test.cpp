#include <holdfast/checkpoint/exchange/values/sources.h>

#include <random>

#include "exchange/exchange_fixture.h"

namespace holdfast::testing {
namespace {

using exchange::extent_of;
using exchange::View;
using exchange::view_of;

// Counts how it is asked.
class CountingSource final : public Source {
 public:
  explicit CountingSource(std::vector<std::byte> bytes) : bytes_(std::move(bytes)) {}
  void copy(std::uint64_t offset, ByteSpan to) const override {
    EXPECT_LE(offset + to.size, bytes_.size());
    ++calls;
    largest = std::max(largest, to.size);
    std::memcpy(to.data, bytes_.data() + offset, to.size);
  }
  mutable int calls = 0;
  mutable std::size_t largest = 0;

 private:
  std::vector<std::byte> bytes_;
};

// One element after the other.
std::vector<std::byte> gathered(const std::vector<std::byte>& storage, const View& view,
                                std::size_t element) {
  std::vector<std::byte> result;
  const std::uint64_t count = bytes_of(DType::kUInt8, view.shape);
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t rest = i, at = view.offset;
    for (std::size_t d = view.shape.size(); d-- > 0;) {
      const auto size = static_cast<std::uint64_t>(view.shape[d]);
      at += rest % size * view.strides[d];
      rest /= size;
    }
    for (std::size_t b = 0; b < element; ++b) result.push_back(storage[at * element + b]);
  }
  return result;
}

TEST(ViewSource, GathersAnyViewInPartsOfAnySize) {
  std::mt19937 random(7);
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 2000; ++round) {
    const std::size_t element = std::size_t{1} << below(5);
    View view;
    view.offset = below(9);
    for (std::size_t d = below(5); d > 0; --d) {
      view.shape.push_back(static_cast<std::int64_t>(1 + below(6)));
      view.strides.push_back(below(40));
    }
    const std::vector<std::byte> storage = some_bytes((*extent_of(view) + 3) * element);
    const std::vector<std::byte> expected = gathered(storage, view, element);
    const auto source = view_of(std::make_shared<CountingSource>(storage), element, view);
    const std::size_t offset = below(expected.size());
    std::vector<std::byte> part(1 + below(expected.size() - offset));
    source->copy(offset, part);
    ASSERT_TRUE(std::equal(part.begin(), part.end(),
                           expected.begin() + static_cast<std::ptrdiff_t>(offset)))
        << "round " << round;
  }
}

TEST(ViewSource, TransposesWhatIsLargerThanWhatItHolds) {
  const Shape shape{700, 900};
  const View view{0, shape, exchange::column_major_strides(shape)};
  const std::vector<std::byte> storage = some_bytes(700 * 900 * 4);
  const auto counting = std::make_shared<CountingSource>(storage);
  const auto source = view_of(counting, 4, view);
  std::vector<std::byte> part(100 * 900 * 4);
  source->copy(sizeof(float) * 50 * 900, part);
  const std::vector<std::byte> expected = gathered(storage, view, 4);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), expected.begin() + 4 * 50 * 900));
  EXPECT_LE(counting->largest, std::size_t{1} << 20);
  EXPECT_LE(counting->calls, 900);
}

// Reads of a few bytes each would take ages.
TEST(ViewSource, ReadsWhatLiesCloseTogetherAtOnce) {
  const std::int64_t rows = 300'000;
  const std::vector<std::byte> storage = some_bytes(rows * 3 * 4);
  for (const View& view : {View{0, {rows}, {3}}, View{0, {2, rows}, {1, 3}}}) {
    const auto counting = std::make_shared<CountingSource>(storage);
    const std::vector<std::byte> expected = gathered(storage, view, 4);
    std::vector<std::byte> found(expected.size());
    view_of(counting, 4, view)->copy(0, found);
    EXPECT_EQ(found, expected);
    EXPECT_LE(counting->largest, std::size_t{1} << 20);
    EXPECT_LE(counting->calls, 10);
  }
}

TEST(ViewSource, OfARowMajorViewIsTheStorage) {
  const auto storage = std::make_shared<CountingSource>(some_bytes(24));
  EXPECT_EQ(view_of(storage, 4, {0, {2, 3}, {3, 1}}), storage);
  EXPECT_EQ(view_of(storage, 4, {0, {1, 6}, {99, 1}}), storage);
  std::vector<std::byte> part(8);
  view_of(storage, 4, {2, {4}, {1}})->copy(4, part);
  const std::vector<std::byte> all = some_bytes(24);
  EXPECT_TRUE(std::equal(part.begin(), part.end(), all.begin() + 12));
}

TEST(ViewExtent, IsWhatAStorageMustHave) {
  EXPECT_EQ(extent_of({5, {2, 3}, {3, 1}}), 11U);
  EXPECT_EQ(extent_of({5, {}, {}}), 6U);
  EXPECT_EQ(extent_of({5, {0, 1000}, {1, 1}}), 0U);
  EXPECT_EQ(extent_of({0, {3}, {std::uint64_t{1} << 62}}), std::nullopt);
  EXPECT_EQ(extent_of({~std::uint64_t{0}, {1}, {1}}), std::nullopt);
}

}  // namespace
}  // namespace holdfast::testing
