#include <holdfast/checkpoint/save/skeleton_series.h>

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>

#include "support/expect_error.h"
#include "support/items.h"

namespace holdfast {
namespace {

using testing::alias;
using testing::floats;
using testing::integer;
using testing::none;
using testing::text;

// Twenty tensors and what is added to them.
std::vector<Item> state(std::vector<Item> more) {
  std::vector<Item> items;
  for (int i = 0; i < 20; ++i) items.push_back(floats("net/" + std::to_string(i), {i + 1, 3}));
  for (Item& item : more) items.push_back(std::move(item));
  return items;
}

Item text_of(std::size_t size) {
  return text("generator", std::string(size, 'x'));
}

// That of these items if it were built now, with the one shard for these names.
void expect_as_built(const Skeleton& skeleton, const std::vector<Item>& items, int shards,
                     const std::unordered_set<std::string>& varying) {
  const Skeleton built(items, shards, varying);
  EXPECT_TRUE(skeleton.catalog() == built.catalog());
  EXPECT_EQ(skeleton.catalog_text(), built.catalog_text());
  EXPECT_EQ(skeleton.catalog_text(), format::encode(built.catalog()));
  EXPECT_TRUE(skeleton.index() == format::build_index(built.catalog()));
  ASSERT_EQ(skeleton.shards().size(), built.shards().size());
  for (std::size_t shard = 0; shard < built.shards().size(); ++shard) {
    const std::uint64_t size = built.shards()[shard].file_bytes;
    ASSERT_EQ(skeleton.shards()[shard].file_bytes, size);
    std::vector<std::byte> image(size), expected(size);
    skeleton.fill(shard, 0, image, items);
    built.fill(shard, 0, expected, items);
    EXPECT_TRUE(image == expected) << "shard " << shard;
  }
}

TEST(SkeletonSeries, BuildsNothingWhileNothingChanges) {
  SkeletonSeries series(1);
  for (int save = 0; save < 5; ++save) series.next(state({text_of(10)}));
  EXPECT_EQ(series.builds(), 1);
  EXPECT_EQ(series.adaptions(), 0);
  EXPECT_EQ(series.next(state({text_of(10)}))->shards().size(), 1u);
}

TEST(SkeletonSeries, BuildsEverythingOnceMoreForATextOfAnotherLengthEachTime) {
  for (const int shards : {1, 3}) {
    SkeletonSeries series(shards);
    for (std::size_t save = 0; save < 12; ++save) {
      const auto items = state({text_of(10 + 1'000 * save), integer("step", 1)});
      const auto skeleton = series.next(items);
      skeleton->index();
      expect_as_built(*skeleton, items, shards,
                      save == 0 ? std::unordered_set<std::string>{}
                                : std::unordered_set<std::string>{"generator"});
      EXPECT_EQ(skeleton->index_builds(), 1) << save;
    }
    EXPECT_EQ(series.builds(), 2);
    EXPECT_EQ(series.adaptions(), 10);
  }
}

// As a save that fails does not ask for them.
TEST(SkeletonSeries, BringsTextAndIndexUpToDateAfterSavesThatNeverAskedForThem) {
  SkeletonSeries series(1);
  std::vector<Item> items;
  for (std::size_t save = 0; save < 9; ++save) {
    items = state({text_of(save + 1), integer("behind", 1)});
    if (save > 4) items.insert(items.begin() + 3, floats("new/" + std::to_string(save), {3}));
    const auto skeleton = series.next(items);
    if (save == 2) skeleton->index();
  }
  expect_as_built(*series.next(items), items, 1, {"generator", "new/5", "new/6", "new/7", "new/8"});
}

TEST(SkeletonSeries, FollowsOtherKindsRanksAndNothing) {
  const std::vector<Item> forms = {floats("v", {2}),    floats("v", {3}), floats("v", {3, 2}),
                                   floats("v", {0, 2}), none("v"),        integer("v", 4),
                                   floats("v", {}),     text("v", "abc"), text("v", "abcd")};
  SkeletonSeries series(2);
  for (std::size_t save = 0; save < forms.size(); ++save) {
    const auto items = state({forms[save], integer("behind", 2)});
    const auto skeleton = series.next(items);
    expect_as_built(
        *skeleton, items, 2,
        save == 0 ? std::unordered_set<std::string>{} : std::unordered_set<std::string>{"v"});
  }
  EXPECT_EQ(series.builds(), 2);
}

TEST(SkeletonSeries, KeepsWhatIsTiedTogether) {
  SkeletonSeries series(1);
  for (int save = 0; save < 4; ++save) {
    const Item grows = floats("grows", {10 + save});
    const auto items = state({grows, alias("tied", grows), alias("tied too", grows)});
    const auto skeleton = series.next(items);
    expect_as_built(
        *skeleton, items, 1,
        save == 0 ? std::unordered_set<std::string>{} : std::unordered_set<std::string>{"grows"});
  }
  EXPECT_EQ(series.builds(), 2);
}

TEST(SkeletonSeries, TakesWhatNewNamesAreTiedToForVarying) {
  SkeletonSeries series(1);
  const Item weight = floats("weight", {4});
  std::vector<Item> more = {weight};
  for (int save = 0; save < 6; ++save) {
    series.next(state(more));
    more.push_back(alias("tied/" + std::to_string(save), weight));
  }
  expect_as_built(*series.next(state(more)), state(more), 1, {"weight"});
  EXPECT_LE(series.builds(), 3);
}

TEST(SkeletonSeries, TakesTheFirstNewNamesForSteady) {
  SkeletonSeries series(1);
  series.next(state({}));
  EXPECT_EQ(series.next(state({integer("adam/step", 1)}))->shards().size(), 1u);
}

TEST(SkeletonSeries, BuildsNamesThatKeepComingWithWhatVaries) {
  SkeletonSeries series(1);
  std::vector<Item> more;
  for (int save = 0; save < 6; ++save) {
    const auto skeleton = series.next(state(more));
    EXPECT_EQ(skeleton->catalog().entries.size(), 20 + more.size());
    EXPECT_TRUE(skeleton->index() == format::build_index(skeleton->catalog()));
    more.insert(more.begin(), floats("history/" + std::to_string(save), {save + 1}));
  }
  EXPECT_EQ(series.builds(), 3) << "the first, the first new name, the first that varies";
  EXPECT_EQ(series.adaptions(), 3);
}

TEST(SkeletonSeries, SettlesOnWhatComesAndGoes) {
  SkeletonSeries series(1);
  for (int save = 0; save < 40; ++save) {
    std::vector<Item> more;
    for (int i = 0; i < 3; ++i)
      if (save % 2 == 0) more.push_back(floats("gradients/" + std::to_string(i), {2}));
    more.push_back(integer("behind", 1));
    series.next(state(more));
  }
  EXPECT_LE(series.builds(), 3);
}

TEST(SkeletonSeries, TakesBackWhatVariesNoMore) {
  SkeletonSeries series(1);
  const auto items = [](int size, std::size_t length) {
    std::vector<Item> more = {text_of(length)};
    for (int i = 0; i < 10; ++i) more.push_back(floats("v/" + std::to_string(i), {size, i + 1}));
    return state(more);
  };
  series.next(items(1, 1));
  EXPECT_EQ(series.next(items(2, 2))->varying_count(), 11u);
  std::size_t length = 3;
  while (series.builds() == 2 && length < 100) series.next(items(2, length++));
  EXPECT_EQ(series.next(items(2, length))->varying_count(), 1u) << "the text alone";
  const int builds = series.builds();
  EXPECT_EQ(series.next(items(3, ++length))->varying_count(), 11u);
  EXPECT_EQ(series.builds(), builds + 1) << "all that were taken back, at once";
}

TEST(SkeletonSeries, BuildsEverythingAnewWhereTheOrderIsAnother) {
  SkeletonSeries series(1);
  auto items = state({text_of(1)});
  series.next(items);
  items.back() = text_of(2);
  series.next(items);
  std::swap(items[2], items[5]);
  items.back() = text_of(3);
  expect_as_built(*series.next(items), items, 1, {"generator"});
  EXPECT_EQ(series.builds(), 3);
}

TEST(SkeletonSeries, GoesOnAfterAnErrorOfWhatVaries) {
  SkeletonSeries series(1);
  series.next(state({text_of(1)}));
  series.next(state({text_of(2)}));
  const Shape too_many(33, 1);
  testing::expect_error(ErrorKind::kUnsupported, "dimensions",
                        [&] { series.next(state({floats("generator", too_many)})); });
  testing::expect_error(ErrorKind::kInvalidArgument, "same name", [&] {
    series.next(state({text_of(3), text_of(3)}));
  });
  expect_as_built(*series.next(state({text_of(4)})), state({text_of(4)}), 1, {"generator"});
}

TEST(SkeletonSeries, RefusesANameThatContinuesAnother) {
  SkeletonSeries series(1);
  series.next(state({text_of(1)}));
  series.next(state({text_of(2)}));
  EXPECT_THROW(series.next(state({text_of(2), integer("net/3/below", 1)})), Error);
}

}  // namespace
}  // namespace holdfast
