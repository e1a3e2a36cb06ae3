#include <holdfast/checkpoint/format/hdf5/index_shapes.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <holdfast/checkpoint/format/hdf5/shard.h>

#include "format/format_fixture.h"

namespace holdfast::format {
namespace {

// An index of neighbours, with these entries between them, each whole in the second shard.
std::vector<std::byte> index_of(const std::vector<std::pair<std::string, Shape>>& entries) {
  CatalogBuilder builder(2);
  builder.tensor("a/first", DType::kFloat32, {3, 4}).cut("cut", DType::kFloat32, {6, 2});
  for (const auto& [name, shape] : entries) builder.tensor(name, DType::kFloat16, shape, 1);
  if (!entries.empty()) builder.alias("tied", entries.front().first);
  builder.add("z/text", Kind::kText, DType::kUInt8, {7}).tensor("z/scalar", DType::kInt64, {});
  return build_index(builder.get());
}

TEST(IndexShapes, MakesTheIndexThatWouldHaveBeenBuilt) {
  const std::vector<std::vector<Shape>> shapes = {
      {{1}, {2}, {5'000}, {70'003}, {2'147'483'647}},
      {{4, 3}, {3, 4}, {1, 1}, {100'000, 40'000}},
      {{2, 3, 4, 5}, {300, 1, 70'000, 9}},
  };
  for (const auto& of_one_rank : shapes) {
    for (const std::string name : {"grows", "user/100%25 of it", "OHDR/GCOL"}) {
      std::vector<std::byte> index = index_of({{"also", {5}}, {name, of_one_rank.front()}});
      const IndexShapes found(index, {name, "also", "absent"});
      for (const Shape& shape : of_one_rank) {
        ASSERT_TRUE(found.set(index, name, shape)) << name << to_string(shape);
        ASSERT_TRUE(found.set(index, "also", {shape.front()}));
        EXPECT_TRUE(index == index_of({{"also", {shape.front()}}, {name, shape}}))
            << name << to_string(shape);
      }
    }
  }
}

TEST(IndexShapes, LeavesAnIndexAloneThatHasToBeBuilt) {
  std::vector<std::byte> index = index_of({{"grows", {5, 5}}});
  const std::vector<std::byte> before = index;
  const IndexShapes found(index, {"grows", "z/scalar", "cut"});
  EXPECT_FALSE(found.set(index, "grows", {5})) << "another rank";
  EXPECT_FALSE(found.set(index, "grows", {5, 0})) << "no bytes";
  EXPECT_FALSE(found.set(index, "grows", {5, std::int64_t{1} << 31})) << "too large";
  EXPECT_FALSE(found.set(index, "z/scalar", {})) << "a link";
  EXPECT_FALSE(found.set(index, "cut", {7, 2})) << "more than one piece";
  EXPECT_FALSE(found.set(index, "a/first", {1, 1})) << "not asked for";
  EXPECT_TRUE(index == before);
}

TEST(IndexShapes, FindsNothingInWhatIsNoIndex) {
  std::vector<std::byte> index = index_of({{"grows", {5}}});
  for (std::size_t size = 0; size < index.size(); size += 61) {
    std::vector<std::byte> part(index.begin(), index.begin() + static_cast<std::ptrdiff_t>(size));
    const IndexShapes found(part, {"grows"});
    found.set(part, "grows", {6});  // stays within the memory that there is
  }
  for (std::byte& byte : index) byte ^= std::byte{0x20};
  EXPECT_FALSE(IndexShapes(index, {"grows"}).set(index, "grows", {6}));
}

}  // namespace
}  // namespace holdfast::format
