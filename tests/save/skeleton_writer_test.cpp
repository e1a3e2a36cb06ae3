#include <holdfast/checkpoint/save/skeleton_writer.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_directory.h>

#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/items.h"
#include "support/temporary_directory.h"

namespace holdfast {
namespace {

using testing::floats;
using testing::integer;

class SkeletonWriterTest : public ::testing::Test {
 protected:
  // All bytes of a shard, a segment at a time, the last segment first.
  void write_shard(SkeletonWriter& writer, std::size_t shard) const {
    std::vector<std::byte> memory(kSegmentBytes);
    const std::uint64_t bytes = skeleton.shards()[shard].file_bytes;
    for (std::uint64_t end = bytes; end > 0;) {
      const std::uint64_t offset = (end - 1) / kSegmentBytes * kSegmentBytes;
      const ByteSpan segment = ByteSpan(memory).slice(0, end - offset);
      skeleton.fill(shard, offset, segment, items);
      writer.write({shard, offset, segment});
      end = offset;
    }
  }
  void write_everything(SkeletonWriter& writer) const {
    for (std::size_t shard = 0; shard < skeleton.shards().size(); ++shard)
      write_shard(writer, shard);
    writer.write_structure();
  }
  static void make_durable(SkeletonWriter& writer) {
    for (const auto& sync : writer.syncs()) sync();
  }

  testing::TemporaryDirectory temporary;
  std::shared_ptr<testing::FaultFileSystem> fs = std::make_shared<testing::FaultFileSystem>();
  Directory directory = Directory::create(fs, temporary / "files");
  std::vector<Item> items = {floats("large", {3 << 20}), floats("x", {100, 70}), integer("n", 3)};
  Skeleton skeleton{items, 2};
};

TEST_F(SkeletonWriterTest, WritesTheShardsTheCatalogAndTheIndexAndNoManifest) {
  SkeletonWriter writer(directory, skeleton);
  write_everything(writer);
  make_durable(writer);
  EXPECT_THAT(directory.list(),
              ::testing::ElementsAre("catalog.json", "index.h5", "shard-00000-of-00002.h5",
                                     "shard-00001-of-00002.h5"));
}

TEST_F(SkeletonWriterTest, ItsRecordsAreTrueOfTheBytesOnDisk) {
  SkeletonWriter writer(directory, skeleton);
  write_everything(writer);
  make_durable(writer);
  const std::vector<format::FileRecord> records = writer.take_records();
  EXPECT_EQ(records.size(), 4u);
  for (const format::FileRecord& record : records) {
    SCOPED_TRACE(record.name);
    const File file = directory.open_file(record.name);
    ASSERT_EQ(file.size(), record.bytes);
    EXPECT_NO_THROW(check_blocks(file.read_all(record.bytes), 0, record, record.name));
  }
}

TEST_F(SkeletonWriterTest, HasARecordOfEachFileThatItMade) {
  SkeletonWriter writer(directory, skeleton);
  write_everything(writer);
  std::vector<std::string> names;
  for (const format::FileRecord& record : writer.take_records()) names.push_back(record.name);
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, directory.list());
}

TEST_F(SkeletonWriterTest, TakesNoFileThatIsThereAlready) {
  directory.write_new_file("shard-00001-of-00002.h5", ByteView(std::string("precious")));
  testing::expect_error(ErrorKind::kExists, "shard-00001-of-00002.h5",
                        [&] { SkeletonWriter(directory, skeleton); });
  EXPECT_EQ(directory.open_file("shard-00001-of-00002.h5").size(), 8u);
}

TEST_F(SkeletonWriterTest, MakesEachShardDurableWithACallOfItsOwn) {
  SkeletonWriter writer(directory, skeleton);
  write_everything(writer);
  const auto syncs = writer.syncs();
  ASSERT_EQ(syncs.size(), 2u);
  const int before = fs->calls(testing::Call::kFsync);
  fs->fail(testing::Call::kFsync, EIO, 2);
  syncs[0]();
  testing::expect_error(ErrorKind::kIo, "shard-00001-of-00002.h5", syncs[1]);
  EXPECT_EQ(fs->calls(testing::Call::kFsync), before + 2);
}

}  // namespace
}  // namespace holdfast
