#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/catalog_text.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "format/format_fixture.h"
#include "support/expect_error.h"

namespace holdfast::format {
namespace {

using testing::expect_error;
using ::testing::HasSubstr;

constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

TEST(Catalog, CountsTheBytesOfAShape) {
  EXPECT_EQ(bytes_of(DType::kFloat32, {2, 3}), 24u);
  EXPECT_EQ(bytes_of(DType::kInt64, {}), 8u);
  EXPECT_EQ(bytes_of(DType::kInt64, {kLargest, 0, kLargest}), 0u);
  EXPECT_EQ(bytes_of(DType::kUInt8, {kLargest}), static_cast<std::uint64_t>(kLargest));
}

TEST(Catalog, RefusesAShapeWhoseBytesOverflow) {
  for (const Shape& shape : {Shape{kLargest}, Shape{1 << 30, 1 << 30, 1 << 30}, Shape{-1}}) {
    expect_error(ErrorKind::kCorrupt, "63 bits", [&] { bytes_of(DType::kInt16, shape); });
  }
}

TEST(Catalog, HasNoBytesForWhatIsAbsent) {
  EXPECT_EQ(bytes_of(Entry{"a", Kind::kNone, DType::kUInt8, {}, "", {}}), 0u);
  EXPECT_EQ(bytes_of(Entry{"a", Kind::kUndefined, DType::kUInt8, {}, "", {}}), 0u);
  EXPECT_EQ(bytes_of(Entry{"a", Kind::kScalar, DType::kBool, {}, "", {}}), 1u);
}

TEST(Catalog, NamesThingsForPeople) {
  EXPECT_EQ(to_string(Shape{128, 784}), "[128, 784]");
  EXPECT_EQ(to_string(Shape{}), "[]");
  EXPECT_EQ(to_string(Kind::kUndefined), "undefined");
  EXPECT_EQ(shard_file_name(1, 2), "shard-00001-of-00002.h5");
}

TEST(Catalog, ComesBackFromItsText) {
  const Catalog catalog = typical_catalog().laid_out();
  EXPECT_EQ(decode_catalog(ByteView(encode(catalog)), "catalog.json"), catalog);
}

TEST(Catalog, IsTheSameTextForTheSameState) {
  EXPECT_EQ(encode(typical_catalog().laid_out()), encode(typical_catalog().laid_out()));
}

TEST(Catalog, WritesAnEntryALine) {
  const std::string text = encode(typical_catalog().laid_out());
  EXPECT_THAT(text, HasSubstr("\n{\"name\":\"optimizers/adam/groups/0/lr\",\"kind\":\"scalar\","
                              "\"dtype\":\"float64\",\"shape\":[],\"pieces\":[{\"shard\":0,"));
  EXPECT_THAT(text, HasSubstr("\"alias_of\":\"models/mlp/parameters/embedding\"}"));
}

TEST(Catalog, KeepsNamesThatJsonHasToEscape) {
  CatalogBuilder builder;
  builder.tensor("user/\"quoted\\\"/重み/%0A", DType::kInt8, {1});
  const Catalog catalog = builder.laid_out();
  EXPECT_EQ(decode_catalog(ByteView(encode(catalog)), "catalog.json"), catalog);
}

TEST(Catalog, OfAnEmptyStateIsACatalog) {
  const Catalog catalog = CatalogBuilder(3).laid_out();
  EXPECT_EQ(decode_catalog(ByteView(encode(catalog)), "catalog.json"), catalog);
}

TEST(CatalogText, IsTheTextOfWhatItWasUpdatedTo) {
  const Catalog before = CatalogBuilder(2)
                             .tensor("a", DType::kInt8, {1})
                             .tensor("b", DType::kInt8, {2}, 1)
                             .tensor("c", DType::kInt8, {3})
                             .laid_out();
  const Catalog after = CatalogBuilder(2)
                            .tensor("new", DType::kInt8, {70'000}, 1)
                            .tensor("a", DType::kInt8, {1})
                            .tensor("c", DType::kInt8, {3})
                            .tensor("d", DType::kInt8, {4}, 1)
                            .laid_out();
  CatalogText text(before);
  EXPECT_EQ(text.text(), encode(before));
  constexpr std::size_t kNew = CatalogText::kNew;
  for (int i = 0; i < 2; ++i) {
    text.update(after, {kNew, 0, 2, kNew});
    EXPECT_EQ(text.text(), encode(after));
    text.update(before, {1, kNew, 2});
    EXPECT_EQ(text.text(), encode(before));
  }
}

TEST(Catalog, IsNotEncodedWhereItCouldNotBeDecoded) {
  CatalogBuilder twice;
  twice.tensor("a", DType::kInt8, {1}).tensor("a", DType::kInt8, {1});
  expect_error(ErrorKind::kInvalidArgument, "twice", [&] { encode(twice.get()); });
  CatalogBuilder unplaced;
  unplaced.tensor("a", DType::kInt8, {1});
  expect_error(ErrorKind::kInvalidArgument, "impossible sizes", [&] { encode(unplaced.get()); });
}

}  // namespace
}  // namespace holdfast::format
