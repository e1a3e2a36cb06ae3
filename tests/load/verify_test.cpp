#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "support/expect_error.h"
#include "support/newer_format.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
using testing::expect_error;
using testing::floats;
using ::testing::IsEmpty;
using testing::SavedRun;
using ::testing::SizeIs;

class VerifyTest : public ::testing::Test {
 protected:
  VerifyTest() {
    SaverOptions options;
    options.shards = 2;
    run_.save(1, {floats("a", {1 << 20}), floats("b", {1 << 20}), floats("c", {3})}, options);
  }

  std::vector<Damage> verified(VerifyDepth depth = VerifyDepth::kFull) {
    return verify(run_.directory(1), depth, 2);
  }

  // Every file of the checkpoint.
  std::vector<std::string> files() {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(run_.path_of(1)))
      names.push_back(entry.path().filename());
    return names;
  }

  SavedRun run_;
};

TEST_F(VerifyTest, FindsASoundCheckpointSoundAtEveryDepth) {
  EXPECT_THAT(verified(VerifyDepth::kQuick), IsEmpty());
  EXPECT_THAT(verified(VerifyDepth::kFull), IsEmpty());
  EXPECT_THAT(verified(VerifyDepth::kDeep), IsEmpty());
}

TEST_F(VerifyTest, CallsNothingDamagedThatANewerHoldfastHasWritten) {
  const std::string manifest = testing::read_file(run_.file(1, "manifest.json"));
  for (const std::string& version : testing::newer_versions()) {
    testing::write_file(run_.file(1, "manifest.json"), manifest);
    testing::set_version(run_.path_of(1), version);
    for (const VerifyDepth depth : {VerifyDepth::kQuick, VerifyDepth::kFull, VerifyDepth::kDeep})
      expect_error(ErrorKind::kVersion, "newer Holdfast", [&] { verified(depth); });
    expect_error(ErrorKind::kVersion, "newer Holdfast", [&] { run_.open(1); });
  }
}

TEST_F(VerifyTest, CallsNothingDamagedOfANewerCatalog) {
  std::string catalog = testing::read_file(run_.file(1, "catalog.json"));
  catalog.replace(catalog.find("\"version\":1"), 11, "\"version\":3");
  testing::write_file(run_.file(1, "catalog.json"), catalog);
  testing::change_manifest(run_.path_of(1), [&](format::Manifest& manifest) {
    for (format::FileRecord& record : manifest.files)
      if (record.name == "catalog.json") record.blocks = {digest_of(ByteView(catalog))};
  });
  for (const VerifyDepth depth : {VerifyDepth::kQuick, VerifyDepth::kFull, VerifyDepth::kDeep})
    expect_error(ErrorKind::kVersion, "newer Holdfast", [&] { verified(depth); });
}

TEST_F(VerifyTest, TakesFilesOfAnyKindAndReadsThem) {
  testing::add_file(run_.path_of(1), "net.surprise", "surprise", "something");
  for (const VerifyDepth depth : {VerifyDepth::kQuick, VerifyDepth::kFull, VerifyDepth::kDeep})
    EXPECT_THAT(verified(depth), IsEmpty());
  EXPECT_EQ(run_.open(1).catalog().entries.size(), 3u);
  run_.flip_bit(run_.file(1, "net.surprise"), 0);
  ASSERT_THAT(verified(), SizeIs(1));
  EXPECT_EQ(verified()[0].file, "net.surprise");
  std::filesystem::remove(run_.file(1, "net.surprise"));
  ASSERT_THAT(verified(VerifyDepth::kQuick), SizeIs(1));
}

TEST_F(VerifyTest, NeedsNoIndexInVersion3) {
  std::filesystem::remove(run_.file(1, "index.h5"));
  const auto leave_out = [&](bool has_optional_parts) {
    testing::change_manifest(run_.path_of(1), [&](format::Manifest& manifest) {
      manifest.has_optional_parts = has_optional_parts;
      auto& files = manifest.files;
      files.erase(std::remove_if(files.begin(), files.end(),
                                 [](const auto& file) { return file.name == "index.h5"; }),
                  files.end());
    });
  };
  leave_out(true);
  EXPECT_THAT(verified(VerifyDepth::kDeep), IsEmpty());
  leave_out(false);
  ASSERT_THAT(verified(), SizeIs(1));
  EXPECT_THAT(verified()[0].problem, ::testing::HasSubstr("the manifest does not list a file"));
}

TEST_F(VerifyTest, TakesNoFileOfAKindForWhatTheCheckpointNeeds) {
  testing::change_manifest(run_.path_of(1), [](format::Manifest& manifest) {
    manifest.has_optional_parts = true;
    for (format::FileRecord& record : manifest.files)
      if (record.name.rfind("shard-00001", 0) == 0) record.kind = "surprise";
  });
  EXPECT_THAT(verified(), SizeIs(1));
}

TEST_F(VerifyTest, NamesTheFileAndTheTensorsThatAreHurt) {
  const CheckpointFiles opened = run_.open(1);
  const format::Piece& piece = opened.find("b")->pieces[0];
  const std::string shard = format::shard_file_name(piece.shard, 2);
  run_.flip_bit(run_.file(1, shard), piece.offset + piece.bytes / 2);
  const auto damage = verified();
  ASSERT_THAT(damage, SizeIs(1));
  EXPECT_EQ(damage[0].file, shard);
  EXPECT_THAT(damage[0].entries, ElementsAre("b"));
}

TEST_F(VerifyTest, FindsOneFlippedBitAnywhereInAnyFile) {
  for (const std::string& name : files()) {
    const std::string path = run_.file(1, name);
    const auto size = std::filesystem::file_size(path);
    for (std::uint64_t offset = 0; offset < size; offset += 1 + size / 7) {
      run_.flip_bit(path, offset);
      EXPECT_THAT(verified(), SizeIs(1)) << name << " at " << offset;
      run_.flip_bit(path, offset);
    }
  }
  EXPECT_THAT(verified(), IsEmpty());
}

TEST_F(VerifyTest, TellsOfEveryByteOfEveryFileOnce) {
  std::uint64_t listed = 0;
  const CheckpointFiles opened = run_.open(1);
  for (const format::FileRecord& file : opened.manifest().files) listed += file.bytes;
  std::atomic<std::uint64_t> told{0};
  const auto progress = [&](std::uint64_t bytes) { told += bytes; };
  EXPECT_THAT(verify(run_.directory(1), VerifyDepth::kFull, 3, progress), IsEmpty());
  EXPECT_EQ(told, listed);
}

TEST_F(VerifyTest, FindsAMissingFileWithoutReadingTheOthers) {
  for (const std::string& name : files()) {
    const std::string path = run_.file(1, name);
    std::filesystem::rename(path, path + ".away");
    EXPECT_THAT(verified(VerifyDepth::kQuick), SizeIs(1)) << name;
    std::filesystem::rename(path + ".away", path);
  }
  EXPECT_THAT(verified(VerifyDepth::kQuick), IsEmpty());
}

TEST_F(VerifyTest, FindsAFileThatIsTooLongWithoutReadingTheOthers) {
  for (const std::string& name : files()) {
    const std::string path = run_.file(1, name);
    const auto size = std::filesystem::file_size(path);
    std::filesystem::resize_file(path, size + 1);
    EXPECT_THAT(verified(VerifyDepth::kQuick), SizeIs(1)) << name;
    std::filesystem::resize_file(path, size);
  }
  EXPECT_THAT(verified(VerifyDepth::kQuick), IsEmpty());
}

}  // namespace
}  // namespace holdfast
