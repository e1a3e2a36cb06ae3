#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>

#include "support/expect_error.h"
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
