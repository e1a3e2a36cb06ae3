#include <holdfast/checkpoint/load/compare.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::alias;
using ::testing::ElementsAre;
using testing::floats;
using testing::integer;
using ::testing::IsEmpty;
using testing::none;
using testing::SavedRun;
using ::testing::SizeIs;

Comparison compared(std::vector<Item> a, std::vector<Item> b, int shards_of_b = 1) {
  SavedRun first, second;
  SaverOptions options;
  options.shards = shards_of_b;
  first.save(1, std::move(a));
  second.save(2, std::move(b), options);
  return compare(first.open(1), second.open(2), 2);
}

std::vector<std::string> names(const std::vector<Comparison::Difference>& differences) {
  std::vector<std::string> names;
  for (const auto& difference : differences) names.push_back(difference.name);
  return names;
}

TEST(Compare, FindsTheSameStateIdenticalHoweverItIsSharded) {
  const std::vector<Item> items = {floats("a", {1000, 30}), integer("n", 1), none("x")};
  const Comparison result = compared(items, items, 3);
  EXPECT_THAT(result.differences, IsEmpty());
  EXPECT_THAT(result.identical, SizeIs(3));
  EXPECT_EQ(result.bytes, 120'008u);
}

TEST(Compare, NamesTheEntryInWhichOneBitDiffers) {
  const Comparison result =
      compared({floats("a", {9}), floats("b", {9})}, {floats("a", {9}), floats("b", {9}, 1)});
  EXPECT_THAT(names(result.differences), ElementsAre("b"));
  EXPECT_THAT(result.identical, ElementsAre("a"));
}

TEST(Compare, NamesEntriesOfOneSideOnly) {
  const Comparison result =
      compared({integer("a", 1), integer("b", 1)}, {integer("b", 1), integer("c", 1)});
  EXPECT_THAT(names(result.differences), ElementsAre("a", "c"));
}

TEST(Compare, TellsShapesDtypesAndTiesApart) {
  const Item weight = floats("w", {4});
  EXPECT_THAT(compared({weight}, {floats("w", {2, 2})}).differences, SizeIs(1));
  EXPECT_THAT(
      compared({weight}, {testing::item("w", DType::kInt32, {4}, std::vector<std::byte>(16))})
          .differences,
      SizeIs(1));
  EXPECT_THAT(compared({weight, floats("v", {4})}, {weight, alias("v", weight)}).differences,
              SizeIs(1));
}

}  // namespace
}  // namespace holdfast
