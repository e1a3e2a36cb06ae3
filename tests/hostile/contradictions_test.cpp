// Files that each are what they should be, with digests that are right, and contradict each other.
#include <sys/resource.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "corrupt/checkpoint_image.h"
#include "support/expect_error.h"
#include "support/items.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using format::kCatalogFile;
using format::kIndexFile;
using format::kManifestFile;
using testing::CheckpointImage;
using testing::expect_error;
using testing::forge;
using testing::replaced;
using testing::saved_image;

constexpr const char* kFirst = "shard-00000-of-00002.h5";
constexpr const char* kSecond = "shard-00001-of-00002.h5";

class HostileCheckpoint : public ::testing::Test {
 protected:
  void edit_manifest(const std::string& from, const std::string& to) {
    std::string& manifest = image_.files[kManifestFile];
    manifest = testing::with_own_digest(replaced(manifest, from, to));
  }
  void edit_catalog(const std::string& from, const std::string& to) {
    forge(image_, kCatalogFile, replaced(image_.files[kCatalogFile], from, to));
  }

  // By opening it and by verify, which blames this file.
  void expect_refused(const std::string& words, const std::string& blamed,
                      ErrorKind kind = ErrorKind::kCorrupt) {
    const Directory directory = testing::on_disk(image_);
    expect_error(kind, words, [&] { testing::values_of(image_); });
    if (kind != ErrorKind::kCorrupt)
      return expect_error(kind, words, [&] { verify(directory, VerifyDepth::kDeep, 1); });
    const std::vector<Damage> damage = verify(directory, VerifyDepth::kDeep, 1);
    ASSERT_FALSE(damage.empty());
    EXPECT_EQ(damage[0].file, blamed);
    EXPECT_THAT(damage[0].problem, ::testing::HasSubstr(words));
  }

  CheckpointImage image_ = saved_image(1);
};

TEST_F(HostileCheckpoint, IsAcceptedWithAnHonestForgery) {
  edit_manifest("\"seed\": \"7\"", "\"seed\": \"8\"");
  forge(image_, kCatalogFile, image_.files[kCatalogFile]);
  EXPECT_EQ(testing::values_of(image_), testing::values_of(saved_image(1)));
  EXPECT_THAT(verify(testing::on_disk(image_), VerifyDepth::kDeep, 1), ::testing::IsEmpty());
}

TEST_F(HostileCheckpoint, IsRefusedWithNamesThatLeadOutOfIt) {
  for (const char* name : {"../shard-00000-of-00002.h5", "/dev/zero", "..", "a\\u0000.h5"})
    for (const char* file : {kFirst, kIndexFile, kCatalogFile}) {
      image_ = saved_image(1);
      edit_manifest(file, name);
      expect_refused("a file name is not allowed", kManifestFile);
    }
}

TEST_F(HostileCheckpoint, IsRefusedWithAFileThatIsNotListed) {
  for (const char* file : {kFirst, kSecond, kIndexFile, kCatalogFile}) {
    image_ = saved_image(1);
    edit_manifest(file, "other.h5");
    expect_refused("does not list", kCatalogFile);
  }
}

TEST_F(HostileCheckpoint, IsRefusedWithAFileThatNobodyNeeds) {
  edit_manifest("\"files\": [", R"("files": [ {"name":"extra.h5","bytes":0,"blocks":[]},)");
  expect_refused("lists files that the catalog does not know", kCatalogFile);
}

TEST_F(HostileCheckpoint, IsRefusedWithAShardMoreOrLessInTheCatalog) {
  edit_catalog("\"shards\":[", R"("shards":[{"header_bytes":4096,"file_bytes":4096},)");
  expect_error(ErrorKind::kCorrupt, "catalog.json", [&] { testing::values_of(image_); });
  image_ = saved_image(1);
  format::Catalog catalog = testing::catalog_of(image_);
  catalog.shards.push_back(catalog.shards[1]);
  forge(image_, kCatalogFile, format::encode(catalog));
  expect_refused("does not list a file", kCatalogFile);
}

TEST_F(HostileCheckpoint, IsRefusedWithSizesThatDiffer) {
  format::Catalog catalog = testing::catalog_of(image_);
  catalog.shards[1].file_bytes += 4096;
  forge(image_, kCatalogFile, format::encode(catalog));
  expect_refused("disagree about the size", kCatalogFile);
}

// All its digests but those of the payload can be made right, as long as there are so many.
TEST_F(HostileCheckpoint, IsRefusedWithTerabytesThatNobodyHas) {
  format::Catalog catalog = testing::catalog_of(image_);
  format::Entry promise;
  promise.name = "promise";
  promise.dtype = DType::kUInt8;
  promise.shape = {std::int64_t{1} << 42};
  promise.pieces = {
      {1, catalog.shards[1].file_bytes, std::uint64_t{1} << 42, 0, std::int64_t{1} << 42}};
  catalog.shards[1].file_bytes += std::uint64_t{1} << 42;
  catalog.entries.push_back(promise);
  forge(image_, kCatalogFile, format::encode(catalog));
  expect_refused("disagree about the size", kCatalogFile);

  const std::string bytes = std::to_string(image_.files[kSecond].size());
  edit_manifest("\"name\": \"" + std::string(kSecond) + "\",\n   \"bytes\": " + bytes,
                "\"name\": \"" + std::string(kSecond) +
                    "\",\n   \"bytes\": " + std::to_string(catalog.shards[1].file_bytes));
  expect_refused("one digest for each block", kManifestFile);
}

TEST_F(HostileCheckpoint, IsRefusedWithAnEncodingThatIsNotKnown) {
  edit_catalog("\"raw\"", "\"exec\"");
  expect_refused("encoding", kCatalogFile, ErrorKind::kVersion);
}

// What stands in the header of a shard, and in the index, is nobody's business on the load path.
TEST_F(HostileCheckpoint, IsReadWhateverItsHdf5StructuresAre) {
  const testing::Values values = testing::values_of(image_);
  for (const char fill : {'\0', '\xFF', 'H'}) {
    for (const char* shard : {kFirst, kSecond}) {
      std::string content = image_.files[shard];
      const std::uint64_t header =
          testing::catalog_of(image_).shards[shard == kSecond].header_bytes;
      content.replace(0, header, header, fill);
      forge(image_, shard, content);
    }
    forge(image_, kIndexFile, std::string(100, fill));
    EXPECT_EQ(testing::values_of(image_), values);
    EXPECT_THAT(verify(testing::on_disk(image_), VerifyDepth::kFull, 1), ::testing::IsEmpty());
    EXPECT_THAT(verify(testing::on_disk(image_), VerifyDepth::kDeep, 1), ::testing::SizeIs(3));
  }
}

// Files of which almost nothing is there: their size alone must not be believed.
TEST(HostileText, IsNotReadWhereItIsHuge) {
  for (const char* name : {kManifestFile, kCatalogFile}) {
    const testing::TemporaryDirectory directory;
    for (const auto& [file, content] : saved_image(1).files)
      std::ofstream(directory / file, std::ios::binary) << content;
    std::filesystem::resize_file(directory / name, std::uint64_t{1} << 40);
    expect_error(ErrorKind::kCorrupt, name, [&] {
      CheckpointFiles(Directory::open(posix_file_system(), directory.path().string()));
    });
  }
}

}  // namespace
}  // namespace holdfast
