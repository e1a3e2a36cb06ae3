// Files of several blocks: damage is located to the block and the tensors that lie in it.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>

#include "corrupt/checkpoint_image.h"
#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::floats;
using testing::read_floats;

constexpr const char* kShard = "shard-00000-of-00001.h5";
constexpr std::int64_t kFloatsOfABlock = format::kBlockBytes / sizeof(float);

class DamagedBlocks : public ::testing::Test {
 protected:
  DamagedBlocks() {
    std::vector<Item> items = {floats("large", {3, kFloatsOfABlock})};
    for (int i = 0; i < 40; ++i)
      items.push_back(floats("small/" + std::to_string(i), {kFloatsOfABlock / 10 + i}));
    run_.save(1, std::move(items));
  }

  testing::SavedRun run_;
};

TEST_F(DamagedBlocks, HurtTheTensorsThatLieInThemAndNoOthers) {
  const CheckpointFiles files = run_.open(1);
  const std::string shard = run_.file(1, kShard);
  const std::uint64_t size = files.manifest().file(kShard)->bytes;
  int cases = 0;
  for (std::uint64_t at = 0; at < size; at += 40'009, ++cases) {
    run_.flip_bit(shard, at);
    const std::uint64_t block = at / format::kBlockBytes * format::kBlockBytes;
    const std::vector<Damage> damage = verify_file(files, kShard, 1);
    ASSERT_EQ(damage.size(), 1u) << at;
    EXPECT_THAT(damage[0].problem,
                ::testing::StartsWith("block " + std::to_string(at / format::kBlockBytes) + " "));
    const auto hurt = testing::entries_in(files.catalog(), 0, block, block + format::kBlockBytes);
    EXPECT_THAT(damage[0].entries, ::testing::UnorderedElementsAreArray(hurt)) << at;
    for (const std::string& name : hurt)
      testing::expect_error(ErrorKind::kCorrupt, kShard, [&] { read_floats(files, name); });
    run_.flip_bit(shard, at);
  }
  EXPECT_THAT(verify_file(files, kShard, 2), ::testing::IsEmpty());
  std::cout << cases << " positions\n";
}

TEST_F(DamagedBlocks, AreEachReported) {
  const CheckpointFiles files = run_.open(1);
  const std::size_t blocks = files.manifest().file(kShard)->blocks.size();
  ASSERT_GT(blocks, 6u);
  for (std::uint64_t block = 0; block < blocks; ++block)
    run_.flip_bit(run_.file(1, kShard), block * format::kBlockBytes + block);
  EXPECT_EQ(verify(run_.directory(1), VerifyDepth::kFull, 2).size(), blocks);
}

// Exchanged within the file, each block still has a digest that is in the manifest.
TEST_F(DamagedBlocks, AreFoundWhereTwoSoundOnesWereExchanged) {
  const std::string path = run_.file(1, kShard);
  std::string content(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(content.data(), static_cast<long>(content.size()));
  std::rotate(&content[0] + format::kBlockBytes, &content[0] + 2 * format::kBlockBytes,
              &content[0] + 3 * format::kBlockBytes);
  std::ofstream(path, std::ios::binary).write(content.data(), static_cast<long>(content.size()));
  EXPECT_EQ(verify(run_.directory(1), VerifyDepth::kFull, 2).size(), 2u);
}

TEST_F(DamagedBlocks, AreNotProvenByADiskThatFails) {
  const auto fs = std::make_shared<testing::FaultFileSystem>();
  const Directory directory = Directory::open(fs, run_.path_of(1));
  fs->fail(testing::Call::kRead, EIO, 5);
  testing::expect_error(ErrorKind::kIo, kShard, [&] { verify(directory, VerifyDepth::kFull, 1); });
  EXPECT_THAT(verify(directory, VerifyDepth::kFull, 1), ::testing::IsEmpty());
}

// The size says that there are bytes, and there are none: a file cut while it is read looks so.
TEST_F(DamagedBlocks, AreThoseThatEndTooEarly) {
  const auto fs = std::make_shared<testing::FaultFileSystem>();
  const CheckpointFiles files(Directory::open(fs, run_.path_of(1)));
  fs->shorten_transfers(0);
  EXPECT_EQ(verify_file(files, kShard, 2).size(), files.manifest().file(kShard)->blocks.size());
  testing::expect_error(ErrorKind::kCorrupt, kShard, [&] { read_floats(files, "large"); });
}

}  // namespace
}  // namespace holdfast
