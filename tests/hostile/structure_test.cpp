// What HDF5 tools would show differs from what the catalog says: found by a deep verification.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/hdf5/shard.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "corrupt/checkpoint_image.h"

namespace holdfast {
namespace {

using format::kCatalogFile;
using format::kIndexFile;
using testing::CheckpointImage;
using testing::forge;
using testing::saved_image;

constexpr const char* kFirst = "shard-00000-of-00002.h5";

class HostileStructure : public ::testing::Test {
 protected:
  // Only a deep verification finds it, in this file.
  void expect_found_in(const std::string& file, const std::string& words) {
    const Directory directory = testing::on_disk(image_);
    EXPECT_THAT(verify(directory, VerifyDepth::kFull, 1), ::testing::IsEmpty());
    const std::vector<Damage> damage = verify(directory, VerifyDepth::kDeep, 1);
    ASSERT_EQ(damage.size(), 1u);
    EXPECT_EQ(damage[0].file, file);
    EXPECT_THAT(damage[0].problem, ::testing::HasSubstr(words));
  }
  void forge_catalog(const format::Catalog& catalog) {
    forge(image_, kCatalogFile, format::encode(catalog));
  }

  CheckpointImage image_ = saved_image(1);
  format::Catalog catalog_ = testing::catalog_of(image_);
};

TEST_F(HostileStructure, OfAShardIsFoundWhereAnyByteOfTheHeaderDiffers) {
  const std::string sound = image_.files[kFirst];
  for (std::uint64_t at = 0; at < catalog_.shards[0].header_bytes; at += 97) {
    std::string content = sound;
    content[at] = static_cast<char>(content[at] ^ 1 << (at % 8));
    forge(image_, kFirst, content);
    expect_found_in(kFirst, "not what the catalog says");
    if (HasFailure()) return;
  }
}

TEST_F(HostileStructure, OfTheIndexIsFoundWhereAnyByteDiffers) {
  const std::string sound = image_.files[kIndexFile];
  for (std::size_t at = 0; at < sound.size(); at += 97) {
    std::string content = sound;
    content[at] = static_cast<char>(content[at] ^ 1 << (at % 8));
    forge(image_, kIndexFile, content);
    expect_found_in(kIndexFile, "not what the catalog says");
    if (HasFailure()) return;
  }
}

TEST_F(HostileStructure, OfTheIndexIsFoundWhereItIsLongerOrShorter) {
  const std::string sound = image_.files[kIndexFile];
  forge(image_, kIndexFile, sound + "more");
  expect_found_in(kIndexFile, "");
  forge(image_, kIndexFile, sound.substr(0, sound.size() - 1));
  expect_found_in(kIndexFile, "");
  forge(image_, kIndexFile, "");
  expect_found_in(kIndexFile, "");
}

// The catalog tells of one name or type, and the HDF5 files of another.
TEST_F(HostileStructure, IsFoundWhereTheCatalogRenamesATensor) {
  const std::string text = image_.files[kCatalogFile];
  forge(image_, kCatalogFile, testing::replaced(text, "parameters/bias", "parameters/bats"));
  const Directory directory = testing::on_disk(image_);
  EXPECT_THAT(verify(directory, VerifyDepth::kFull, 1), ::testing::IsEmpty());
  EXPECT_THAT(verify(directory, VerifyDepth::kDeep, 1), ::testing::Not(::testing::IsEmpty()));
}

TEST_F(HostileStructure, IsFoundWhereTheCatalogChangesAType) {
  for (format::Entry& entry : catalog_.entries)
    if (entry.name == "models/net/parameters/bias") entry.dtype = DType::kInt32;
  forge_catalog(catalog_);
  EXPECT_THAT(verify(testing::on_disk(image_), VerifyDepth::kDeep, 1),
              ::testing::Not(::testing::IsEmpty()));
}

// A piece that the catalog has elsewhere: the bytes there are sound, and another value's.
TEST_F(HostileStructure, IsFoundWhereAPieceLiesElsewhere) {
  for (format::Entry& entry : catalog_.entries)
    if (entry.name == "user/note") ++entry.pieces[0].offset;  // the last of its shard
  forge_catalog(catalog_);
  expect_found_in(kCatalogFile, "do not lie where the format puts them");
}

// No bytes, and sizes whose product is beyond every integer.
TEST_F(HostileStructure, IsFoundWhereTheCatalogAddsAnEmptyTensorOfAbsurdShape) {
  for (const Shape& shape : {Shape{0, std::int64_t{1} << 62, std::int64_t{1} << 62},
                             Shape{std::int64_t{1} << 62, 0, std::int64_t{1} << 62}}) {
    image_ = saved_image(1);
    format::Catalog catalog = testing::catalog_of(image_);
    format::Entry huge;
    huge.name = "huge";
    huge.dtype = DType::kFloat64;
    huge.shape = shape;
    huge.pieces = {{0, 0, 0, 0, shape[0]}};
    catalog.entries.push_back(huge);
    forge_catalog(catalog);
    EXPECT_NO_THROW(testing::values_of(image_));
    const std::vector<Damage> damage = verify(testing::on_disk(image_), VerifyDepth::kDeep, 1);
    EXPECT_THAT(damage, ::testing::Not(::testing::IsEmpty()));
  }
}

}  // namespace
}  // namespace holdfast
