#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>

#include "support/expect_error.h"
#include "support/forwarding_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::floats;
using testing::MemorySink;
using testing::read_floats;
using testing::SavedRun;

constexpr const char* kShard = "shard-00000-of-00001.h5";

template <typename Action>
ErrorKind kind_of_failure(const Action& action) {
  const auto error = testing::error_of(action);
  return error ? error->kind() : ErrorKind::kInvalidArgument;
}

class CheckpointFilesTest : public ::testing::Test {
 protected:
  CheckpointFilesTest() {
    run_.save(1, {floats("large", {1 << 10, 1 << 10}), floats("small", {3}, 100)});
  }

  std::vector<float> rows(const CheckpointFiles& files, std::int64_t row, std::int64_t count) {
    MemorySink sink(static_cast<std::size_t>(count) * 4096);
    files.read({{files.find("large"), &sink, row, count}}, 2);
    std::vector<float> values(sink.bytes.size() / 4);
    std::memcpy(values.data(), sink.bytes.data(), sink.bytes.size());
    return values;
  }

  SavedRun run_;
};

TEST_F(CheckpointFilesTest, IsAnOriginByAnAbsolutePathWithoutLinks) {
  namespace fs = std::filesystem;
  const std::string name = fs::path(run_.path_of(1)).filename();
  fs::create_directory_symlink("checkpoints", run_.path() + "/link");
  for (const std::string& path :
       {run_.path() + "/link/" + name, fs::relative(run_.path_of(1)).string()}) {
    SCOPED_TRACE(path);
    const format::Origin origin =
        origin_of(CheckpointFiles(Directory::open(posix_file_system(), path)));
    EXPECT_EQ(origin.path, fs::canonical(run_.path_of(1)).string());
    EXPECT_EQ(origin.step, 1);
  }
}

TEST_F(CheckpointFilesTest, ReadsASliceOfRows) {
  const auto values = rows(run_.open(1), 700, 5);
  for (std::size_t i = 0; i < values.size(); ++i)
    ASSERT_EQ(values[i], static_cast<float>(700 * 1024 + i));
}

TEST_F(CheckpointFilesTest, ReadsSeveralRequestsForTheSameEntry) {
  const CheckpointFiles files = run_.open(1);
  MemorySink all(4 << 20), part(4096), small(12);
  files.read({{files.find("large"), &all},
              {files.find("large"), &part, 1023, 1},
              {files.find("small"), &small}},
             2);
  float last = 0;
  std::memcpy(&last, part.bytes.data() + 4092, 4);
  EXPECT_EQ(last, static_cast<float>((1 << 20) - 1));
  EXPECT_TRUE(std::equal(part.bytes.begin(), part.bytes.end(), all.bytes.end() - 4096));
}

// Counts what is read of files.
class CountingFileSystem final : public testing::ForwardingFileSystem {
 public:
  ssize_t pread(int fd, void* to, std::size_t count, std::uint64_t offset) override {
    const ssize_t got = ForwardingFileSystem::pread(fd, to, count, offset);
    if (got > 0) bytes_ += static_cast<std::uint64_t>(got);
    return got;
  }
  std::uint64_t take_bytes() { return bytes_.exchange(0); }

 private:
  std::atomic<std::uint64_t> bytes_{0};
};

TEST(PartialRead, ReadsTheBlocksOfWhatIsAskedForAndNoOthers) {
  SavedRun run;
  std::vector<Item> models;
  for (int i = 0; i < 5; ++i)
    models.push_back(floats("models/" + std::to_string(i) + "/parameters/weight", {8, 1 << 18}));
  run.save(1, models);
  const auto counting = std::make_shared<CountingFileSystem>();
  const CheckpointFiles files(Directory::open(counting, run.path_of(1)));
  const std::uint64_t structure = counting->take_bytes();
  EXPECT_EQ(structure, std::filesystem::file_size(run.file(1, "manifest.json")) +
                           std::filesystem::file_size(run.file(1, "catalog.json")));

  MemorySink sink(8 << 20);
  const auto blocks_read = [&](std::int64_t row, std::int64_t rows) {
    files.read({{files.find("models/2/parameters/weight"), &sink, row, rows}}, 2);
    return counting->take_bytes() >> 20;
  };
  EXPECT_EQ(blocks_read(0, 8), 9u) << "8 MiB that begin inside of a block";
  EXPECT_EQ(blocks_read(3, 1), 2u);
  EXPECT_EQ(blocks_read(3, 0), 0u);
}

// A tensor on another device, or with strides.
class SinkWithoutMemory final : public MemorySink {
 public:
  using MemorySink::MemorySink;
  ByteSpan memory() override { return {}; }
};

TEST_F(CheckpointFilesTest, ReadsTheSameIntoASinkThatHasNoMemoryToReadInto) {
  const CheckpointFiles files = run_.open(1);
  MemorySink straight(4 << 20);
  SinkWithoutMemory by_way(4 << 20);
  files.read({{files.find("large"), &straight}}, 2);
  files.read({{files.find("large"), &by_way}}, 2);
  EXPECT_EQ(straight.bytes, by_way.bytes);
}

TEST_F(CheckpointFilesTest, ReadsOneEntryToTwoPlacesAtOnce) {
  const CheckpointFiles files = run_.open(1);
  MemorySink one(4 << 20), other(4 << 20);
  files.read({{files.find("large"), &one}, {files.find("large"), &other}}, 2);
  EXPECT_EQ(one.bytes, other.bytes);
  EXPECT_NE(one.bytes.back(), std::byte{0});
}

TEST_F(CheckpointFilesTest, RefusesRowsOutsideOfTheTensor) {
  const CheckpointFiles files = run_.open(1);
  EXPECT_EQ(kind_of_failure([&] { rows(files, 1020, 5); }), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind_of_failure([&] { rows(files, -1, 1); }), ErrorKind::kInvalidArgument);
  MemorySink sink(4096);
  const auto read = [&](std::int64_t row, std::int64_t count) {
    return kind_of_failure([&] { files.read({{files.find("large"), &sink, row, count}}, 1); });
  };
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(read(1, kMost), ErrorKind::kInvalidArgument);
  EXPECT_EQ(read(kMost, kMost), ErrorKind::kInvalidArgument);
  EXPECT_EQ(read(0, -2), ErrorKind::kInvalidArgument);
}

TEST_F(CheckpointFilesTest, ReadsBytesFromTheMiddleOfRowsAndAcrossPieces) {
  SaverOptions options;
  options.shards = 3;
  run_.save(2, {floats("large", {1 << 10, 1 << 10})}, options);
  const CheckpointFiles files = run_.open(2);
  ASSERT_GT(files.find("large")->pieces.size(), 1u);
  MemorySink all(4 << 20), part(2 << 20);
  constexpr std::uint64_t kOffset = 700'001;
  files.read({{files.find("large"), &all}}, 2);
  files.read_bytes({{files.find("large"), &part, kOffset, 2 << 20}}, 2);
  EXPECT_TRUE(std::equal(part.bytes.begin(), part.bytes.end(), all.bytes.begin() + kOffset));
}

TEST_F(CheckpointFilesTest, RefusesBytesOutsideOfTheTensor) {
  const CheckpointFiles files = run_.open(1);
  MemorySink sink(100);
  const auto read = [&](std::uint64_t offset, std::uint64_t bytes) {
    return [&, offset, bytes] {
      files.read_bytes({{files.find("small"), &sink, offset, bytes}}, 1);
    };
  };
  EXPECT_EQ(kind_of_failure(read(0, 13)), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind_of_failure(read(13, 0)), ErrorKind::kInvalidArgument);
  EXPECT_EQ(kind_of_failure(read(1, ~std::uint64_t{0})), ErrorKind::kInvalidArgument);
  EXPECT_NO_THROW(read(12, 0)());
}

TEST_F(CheckpointFilesTest, RefusesABlockWithAFlippedBitAndReadsTheOthers) {
  const CheckpointFiles files = run_.open(1);
  run_.flip_bit(run_.file(1, kShard), files.find("large")->pieces[0].offset + (3 << 20));
  EXPECT_EQ(kind_of_failure([&] { read_floats(files, "large"); }), ErrorKind::kCorrupt);
  EXPECT_EQ(rows(files, 0, 100)[4096], 4096.0f);
}

TEST_F(CheckpointFilesTest, RefusesAShardThatWasTruncatedExtendedOrReplaced) {
  const std::string shard = run_.file(1, kShard);
  const auto size = std::filesystem::file_size(shard);
  std::filesystem::resize_file(shard, size - 4096);
  EXPECT_EQ(kind_of_failure([&] { read_floats(run_.open(1), "large"); }), ErrorKind::kCorrupt);
  std::filesystem::resize_file(shard, size + 1);
  EXPECT_EQ(kind_of_failure([&] { read_floats(run_.open(1), "large"); }), ErrorKind::kCorrupt);
  std::filesystem::remove(shard);
  EXPECT_EQ(kind_of_failure([&] { read_floats(run_.open(1), "large"); }), ErrorKind::kCorrupt);
  std::filesystem::create_directory(shard);
  EXPECT_EQ(kind_of_failure([&] { read_floats(run_.open(1), "large"); }), ErrorKind::kCorrupt);
  std::filesystem::remove(shard);
  std::filesystem::create_symlink("catalog.json", shard);
  EXPECT_EQ(kind_of_failure([&] { read_floats(run_.open(1), "large"); }), ErrorKind::kCorrupt);
}

TEST_F(CheckpointFilesTest, RefusesAnAlteredManifestAndAnAlteredCatalog) {
  run_.flip_bit(run_.file(1, "catalog.json"), 20);
  EXPECT_EQ(kind_of_failure([&] { run_.open(1); }), ErrorKind::kCorrupt);
  run_.flip_bit(run_.file(1, "catalog.json"), 20);
  run_.flip_bit(run_.file(1, "manifest.json"), 20);
  EXPECT_EQ(kind_of_failure([&] { run_.open(1); }), ErrorKind::kCorrupt);
}

TEST_F(CheckpointFilesTest, IsNoCheckpointWithoutAManifest) {
  std::filesystem::remove(run_.file(1, "manifest.json"));
  EXPECT_EQ(kind_of_failure([&] { run_.open(1); }), ErrorKind::kNotFound);
}

TEST_F(CheckpointFilesTest, GoesOnReadingWhenItsDirectoryIsRenamed) {
  const CheckpointFiles files = run_.open(1);
  std::filesystem::rename(run_.path_of(1), run_.path() + "/elsewhere");
  EXPECT_EQ(read_floats(files, "small")[0], 100.0f);
}

TEST_F(CheckpointFilesTest, SaysSoWhenTheCheckpointIsRetiredUnderIt) {
  const CheckpointFiles files = run_.open(1);
  RunStore(posix_file_system(), run_.path()).retire(1);
  EXPECT_EQ(kind_of_failure([&] { read_floats(files, "small"); }), ErrorKind::kRetired);
}

TEST_F(CheckpointFilesTest, SwappedShardsOfTwoStepsAreNoticed) {
  run_.save(2, {floats("large", {1 << 10, 1 << 10}, 1), floats("small", {3}, 100)});
  const std::string a = run_.file(1, kShard), b = run_.file(2, kShard);
  std::filesystem::rename(a, a + ".x");
  std::filesystem::rename(b, a);
  std::filesystem::rename(a + ".x", b);
  EXPECT_EQ(kind_of_failure([&] { read_floats(run_.open(1), "large"); }), ErrorKind::kCorrupt);
  EXPECT_EQ(kind_of_failure([&] { read_floats(run_.open(2), "large"); }), ErrorKind::kCorrupt);
}

}  // namespace
}  // namespace holdfast
