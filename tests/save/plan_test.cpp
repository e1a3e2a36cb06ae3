#include <holdfast/checkpoint/save/plan.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include <holdfast/checkpoint/base/error.h>

#include "support/expect_error.h"
#include "support/items.h"

namespace holdfast {
namespace {

using testing::alias;
using testing::floats;
using testing::integer;
using testing::none;

std::vector<std::uint64_t> bytes_by_shard(const format::Catalog& catalog) {
  std::vector<std::uint64_t> bytes(catalog.shards.size(), 0);
  for (const auto& entry : catalog.entries)
    for (const auto& piece : entry.pieces)
      bytes[static_cast<std::size_t>(piece.shard)] += piece.bytes;
  return bytes;
}

ErrorKind kind_of_failure(const std::vector<Item>& items, int shards) {
  const auto error = testing::error_of([&] { plan(items, shards); });
  return error ? error->kind() : ErrorKind::kIo;
}

TEST(Plan, PutsEverythingIntoTheOnlyShard) {
  const auto catalog = plan({floats("a", {3, 4}), integer("b", 7), none("c")}, 1);
  ASSERT_EQ(catalog.entries.size(), 3u);
  for (const auto& entry : catalog.entries) {
    ASSERT_EQ(entry.pieces.size(), 1u) << entry.name;
    EXPECT_EQ(entry.pieces[0].shard, 0) << entry.name;
  }
  EXPECT_EQ(catalog.entries[0].pieces[0].bytes, 48u);
  EXPECT_EQ(catalog.entries[0].pieces[0].rows, 3);
}

TEST(Plan, CutsWhatIsLargerThanAFairShareAlongItsFirstDimension) {
  const auto catalog = plan({floats("large", {10, 100}), floats("small", {10})}, 3);
  const auto& pieces = catalog.entries[0].pieces;
  ASSERT_EQ(pieces.size(), 3u);
  std::int64_t row = 0;
  std::vector<int> shards;
  for (const auto& piece : pieces) {
    EXPECT_EQ(piece.row, row);
    EXPECT_EQ(piece.bytes, static_cast<std::uint64_t>(piece.rows) * 400);
    row += piece.rows;
    shards.push_back(piece.shard);
  }
  EXPECT_EQ(row, 10);
  EXPECT_THAT(shards, ::testing::UnorderedElementsAre(0, 1, 2));
}

TEST(Plan, CutsNoFinerThanRows) {
  const auto catalog = plan({floats("two_rows", {2, 1000})}, 8);
  EXPECT_EQ(catalog.entries[0].pieces.size(), 2u);
  EXPECT_EQ(plan({floats("a_row", {1, 1000})}, 8).entries[0].pieces.size(), 1u);
}

TEST(Plan, BalancesTheShards) {
  std::vector<Item> items;
  for (int i = 1; i <= 40; ++i) items.push_back(floats("t" + std::to_string(i), {i * 10, 7}));
  const auto bytes = bytes_by_shard(plan(items, 4));
  const auto [least, most] = std::minmax_element(bytes.begin(), bytes.end());
  EXPECT_LE(*most - *least, 40u * 10 * 7 * 4 / 4);
}

TEST(Plan, LeavesShardsEmptyWhereThereIsTooLittle) {
  const auto catalog = plan({integer("a", 1), integer("b", 2)}, 5);
  EXPECT_EQ(catalog.shards.size(), 5u);
  EXPECT_THAT(bytes_by_shard(catalog), ::testing::ElementsAre(8, 8, 0, 0, 0));
}

TEST(Plan, GivesAliasesNoPieces) {
  const Item weight = floats("weight", {4});
  const auto catalog = plan({weight, alias("tied", weight)}, 2);
  EXPECT_EQ(catalog.entries[1].alias_of, "weight");
  EXPECT_TRUE(catalog.entries[1].pieces.empty());
}

TEST(Plan, GivesWhatHasNoBytesOnePieceOfNone) {
  const auto catalog = plan({floats("empty", {0, 3}), none("nothing"), floats("later", {2, 0})}, 2);
  for (const auto& entry : catalog.entries) {
    ASSERT_EQ(entry.pieces.size(), 1u) << entry.name;
    EXPECT_EQ(entry.pieces[0].bytes, 0u) << entry.name;
  }
  EXPECT_EQ(catalog.entries[0].pieces[0].rows, 0);
  EXPECT_EQ(catalog.entries[2].pieces[0].rows, 2);
}

TEST(Plan, IsTheSameForTheSameStructureWhateverTheValues) {
  const std::vector<Item> a = {floats("x", {7, 3}), floats("y", {5}), integer("z", 1)};
  const std::vector<Item> b = {floats("x", {7, 3}, 9), floats("y", {5}, 9), integer("z", 2)};
  EXPECT_TRUE(plan(a, 3) == plan(b, 3));
}

TEST(Plan, RefusesANameTwice) {
  EXPECT_EQ(kind_of_failure({integer("a", 1), integer("a", 2)}, 1), ErrorKind::kInvalidArgument);
}

TEST(Plan, RefusesAnAliasOfNothingAndOfAnAlias) {
  const Item missing = floats("missing", {1});
  EXPECT_EQ(kind_of_failure({alias("a", missing)}, 1), ErrorKind::kInvalidArgument);
  const Item first = floats("first", {1});
  const Item second = alias("second", first);
  EXPECT_EQ(kind_of_failure({first, second, alias("third", second)}, 1),
            ErrorKind::kInvalidArgument);
}

TEST(Plan, PutsWhatVariesWholeIntoOneShardMore) {
  const std::vector<Item> items = {floats("steady", {9, 2}), floats("grows", {90, 2}),
                                   none("comes"), floats("also", {3})};
  const auto catalog = plan(items, 3, {false, true, true, false});
  EXPECT_THAT(bytes_by_shard(catalog), ::testing::ElementsAre(36, 24, 24, 720));
  EXPECT_EQ(catalog.entries[1].pieces.size(), 1u);
  EXPECT_EQ(catalog.entries[1].pieces[0].rows, 90);
  EXPECT_EQ(catalog.entries[2].pieces[0].shard, 3);
}

TEST(Plan, CountsTheShardOfWhatVaries) {
  const std::vector<Item> items = {integer("a", 1)};
  EXPECT_EQ(plan(items, 99'998, {true}).shards.size(), 99'999u);
  EXPECT_THROW(plan(items, 99'999, {true}), Error);
}

TEST(Plan, RefusesShardCountsOutOfRange) {
  EXPECT_EQ(kind_of_failure({}, 0), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind_of_failure({}, 100'000), ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace holdfast
