#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "support/saved_run.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;
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
