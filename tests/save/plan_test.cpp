#include <holdfast/checkpoint/save/plan.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
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

// A plan by its definition, in quadratic time: which shard has each piece, by entry.
std::vector<std::vector<int>> plainly_assigned(const format::Catalog& catalog, int shards) {
  struct Part {
    std::size_t entry, piece;
    std::uint64_t bytes;
  };
  std::vector<Part> parts;
  std::vector<std::vector<int>> assigned;
  for (std::size_t i = 0; i < catalog.entries.size(); ++i) {
    assigned.emplace_back(catalog.entries[i].pieces.size(), -1);
    for (std::size_t p = 0; p < catalog.entries[i].pieces.size(); ++p)
      parts.push_back({i, p, catalog.entries[i].pieces[p].bytes});
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.bytes > b.bytes; });
  std::vector<std::uint64_t> load(static_cast<std::size_t>(shards), 0);
  for (const Part& part : parts) {
    std::vector<int>& own = assigned[part.entry];
    int best = -1;
    for (int shard = 0; shard < shards; ++shard) {
      const bool is_taken = std::find(own.begin(), own.end(), shard) != own.end();
      if (!is_taken && (best < 0 || load[static_cast<std::size_t>(shard)] <
                                        load[static_cast<std::size_t>(best)]))
        best = shard;
    }
    own[part.piece] = part.bytes == 0 ? 0 : best;
    load[static_cast<std::size_t>(own[part.piece])] += part.bytes;
  }
  return assigned;
}

TEST(Plan, GivesEachPieceToTheShardWithTheLeastOfThoseWithoutAnotherPieceOfItsEntry) {
  std::mt19937 random(17);  // the same numbers everywhere
  for (int round = 0; round < 300; ++round) {
    SCOPED_TRACE(round);
    const int shards = 1 + static_cast<int>(random() % 12);
    const auto largest = std::int64_t{1} << (random() % 8);
    std::vector<Item> items;
    for (std::size_t i = 0, count = random() % 30; i < count; ++i) {
      const std::int64_t rows = static_cast<std::int64_t>(random()) % (largest + 1);
      const std::int64_t columns = 1 + static_cast<std::int64_t>(random() % 3);
      items.push_back(floats("t" + std::to_string(i), {rows, columns}));
    }
    const auto catalog = plan(items, shards);
    std::vector<std::vector<int>> assigned;
    for (const auto& entry : catalog.entries) {
      assigned.emplace_back();
      for (const auto& piece : entry.pieces) assigned.back().push_back(piece.shard);
    }
    ASSERT_EQ(assigned, plainly_assigned(catalog, shards));
  }
}

// A look at every shard for each piece would be a billion looks here.
TEST(Plan, IsMadeForManyItemsAndManyShards) {
  constexpr std::int64_t kShards = 10'000, kItems = 100'000;
  std::vector<Item> items(kItems + 1);
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].name = std::to_string(i);
    items[i].dtype = DType::kFloat32;
  }
  items.back().shape = {kShards};
  const auto catalog = plan(items, kShards);
  EXPECT_EQ(catalog.entries.back().pieces.size(), 910u);  // of 44 bytes, a fair share, or 40
  EXPECT_THAT(bytes_by_shard(catalog), ::testing::Each(44u));
}

// A look at all earlier pieces of the entry, for each shard, would be a million millions.
TEST(Plan, CutsOneItemForManyShards) {
  constexpr std::int64_t kShards = 10'000;
  Item item;
  item.name = "large";
  item.shape = {kShards, 3};
  const auto catalog = plan({item}, kShards);
  EXPECT_THAT(bytes_by_shard(catalog), ::testing::Each(3u));
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
