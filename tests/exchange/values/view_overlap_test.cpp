#include <holdfast/checkpoint/exchange/values/view_overlap.h>

#include <random>
#include <set>

#include <gtest/gtest.h>

namespace holdfast::testing {
namespace {

using exchange::find_overlap;
using exchange::has_separate_elements;
using exchange::TypedView;
using exchange::View;

using Pair = std::pair<std::size_t, std::size_t>;

// The first byte of each element.
std::vector<std::uint64_t> places_of(const TypedView& typed) {
  std::vector<std::uint64_t> places{typed.view.offset};
  for (std::size_t d = 0; d < typed.view.shape.size(); ++d) {
    std::vector<std::uint64_t> more;
    for (std::int64_t i = 0; i < typed.view.shape[d]; ++i)
      for (const std::uint64_t place : places)
        more.push_back(place + static_cast<std::uint64_t>(i) * typed.view.strides[d]);
    places = std::move(more);
  }
  for (std::uint64_t& place : places) place *= typed.element_bytes;
  return places;
}

std::set<std::uint64_t> bytes_of(const TypedView& typed) {
  std::set<std::uint64_t> bytes;
  for (const std::uint64_t place : places_of(typed))
    for (std::uint64_t i = 0; i < typed.element_bytes; ++i) bytes.insert(place + i);
  return bytes;
}

bool overlap(const TypedView& a, const TypedView& b) {
  const std::set<std::uint64_t> others = bytes_of(b);
  for (const std::uint64_t byte : bytes_of(a))
    if (others.count(byte) != 0) return true;
  return false;
}

class Random {
 public:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  View view(std::size_t room) {
    View view;
    view.offset = below(room);
    for (std::size_t d = below(4); d > 0; --d) {
      view.shape.push_back(static_cast<std::int64_t>(below(20) == 0 ? 0 : 1 + below(4)));
      view.strides.push_back(below(20));
    }
    return view;
  }

  TypedView separate(std::size_t room) {
    for (;;) {
      View one = view(room);
      if (has_separate_elements(one)) return {std::move(one), std::size_t{1} << below(4)};
    }
  }

 private:
  std::mt19937 random_{5};
};

TEST(SeparateElements, HaveEachAPlaceOfItsOwn) {
  Random random;
  int separate = 0;
  for (int round = 0; round < 5000; ++round) {
    const View view = random.view(9);
    if (!has_separate_elements(view)) continue;
    ++separate;
    const auto places = places_of({view, 1});
    ASSERT_EQ(std::set<std::uint64_t>(places.begin(), places.end()).size(), places.size());
  }
  EXPECT_GT(separate, 1000);
}

TEST(SeparateElements, AreThoseOfWhateverIsTakenFromADenseTensor) {
  EXPECT_TRUE(has_separate_elements({0, {}, {}}));
  EXPECT_TRUE(has_separate_elements({0, {3, 4}, {4, 1}}));
  EXPECT_TRUE(has_separate_elements({0, {4, 3}, {1, 4}}));   // transposed
  EXPECT_TRUE(has_separate_elements({5, {2, 2}, {8, 3}}));   // stepped
  EXPECT_TRUE(has_separate_elements({0, {4, 5}, {5, 21}}));  // a diagonal of [5, 4, 5]
  EXPECT_TRUE(has_separate_elements({0, {1, 3}, {0, 1}}));   // a dimension of one element
  EXPECT_TRUE(has_separate_elements({0, {0, 9}, {0, 0}}));   // nothing
  EXPECT_FALSE(has_separate_elements({0, {3, 4}, {0, 1}}));  // expanded
  EXPECT_FALSE(has_separate_elements({0, {3, 4}, {1, 1}}));  // windows
  EXPECT_FALSE(has_separate_elements({0, {2, 2}, {1, 1}}));
}

TEST(Overlaps, AreFoundWhereTheyAre) {
  Random random;
  int overlapping = 0, apart = 0;
  for (int round = 0; round < 5000; ++round) {
    std::vector<TypedView> views;
    for (std::size_t i = 2 + random.below(3); i > 0; --i) views.push_back(random.separate(40));
    bool expected = false;
    for (std::size_t i = 0; i < views.size(); ++i)
      for (std::size_t j = 0; j < i; ++j) expected = expected || overlap(views[i], views[j]);
    const auto found = find_overlap(views);
    ASSERT_EQ(found.has_value(), expected) << "round " << round;
    expected ? ++overlapping : ++apart;
    if (!found) continue;
    ASSERT_LT(found->first, found->second);
    ASSERT_TRUE(overlap(views[found->first], views[found->second])) << "round " << round;
  }
  EXPECT_GT(overlapping, 500);
  EXPECT_GT(apart, 500);
}

// The columns of a matrix of 1 GiB, by turns; then one element of one belongs to another, too.
TEST(Overlaps, AreFoundInWhatIsLargerThanWhatIsLookedAtAtOnce) {
  const std::int64_t rows = 1 << 12, row = 1 << 16;
  const auto columns = [&](std::uint64_t first, std::int64_t count) {
    return TypedView{{first, {rows, count}, {row, 1}}, 4};
  };
  std::vector<TypedView> views = {columns(0, 1000), columns(2000, row - 2000), columns(1000, 1000)};
  EXPECT_EQ(find_overlap(views), std::nullopt);
  views.push_back({{4000 * row + 1999, {1}, {7}}, 4});
  EXPECT_EQ(find_overlap(views), (Pair{2, 3}));
}

TEST(Overlaps, OfThousandsOfShiftedViewsTakeNoTime) {
  std::vector<TypedView> views;
  for (std::uint64_t i = 0; i < 100'000; ++i) views.push_back({{i, {1 << 30}, {1}}, 4});
  EXPECT_EQ(find_overlap(views), (Pair{0, 1}));
}

}  // namespace
}  // namespace holdfast::testing
