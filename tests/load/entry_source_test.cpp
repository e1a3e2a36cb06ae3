#include <holdfast/checkpoint/load/entry_source.h>

#include <atomic>
#include <thread>

#include "support/allocations.h"
#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::alias;
using testing::floats;
using testing::SavedRun;

class EntrySource : public ::testing::Test {
 protected:
  EntrySource() {
    const Item weight = floats("a/weight", {700, 1000});
    SaverOptions options;
    options.shards = 3;
    run_.save(1,
              {weight, alias("a/tied", weight), floats("b/bias", {5}, 2), alias("b/tied", weight),
               alias("b/again", weight), testing::text("b/text", "words"), testing::none("b/none"),
               floats("b/empty", {0, 4})},
              options);
  }

  std::shared_ptr<const CheckpointFiles> files() const {
    return std::make_shared<const CheckpointFiles>(run_.directory(1));
  }
  static std::vector<Item> select(std::shared_ptr<const CheckpointFiles> files,
                                  const std::string& prefix, const Progress& progress = {}) {
    return items_of(
        std::move(files),
        [&](const format::Entry& entry) { return entry.name.rfind(prefix, 0) == 0; }, progress);
  }
  static std::vector<std::byte> read(const Item& item) {
    std::vector<std::byte> bytes(bytes_of(item.dtype, item.shape));
    copy_bytes(item, 0, bytes);
    return bytes;
  }

  SavedRun run_;
};

TEST_F(EntrySource, SavesTheSameCheckpointAgain) {
  run_.save(2, select(files(), ""));
  const CheckpointFiles first = run_.open(1), second = run_.open(2);
  ASSERT_EQ(first.catalog().entries.size(), second.catalog().entries.size());
  for (std::size_t i = 0; i < first.catalog().entries.size(); ++i) {
    const format::Entry& a = first.catalog().entries[i];
    const format::Entry& b = second.catalog().entries[i];
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.kind, b.kind);
    EXPECT_EQ(a.alias_of, b.alias_of);
    EXPECT_EQ(testing::read_entry(first, a.name), testing::read_entry(second, b.name));
  }
}

TEST_F(EntrySource, OfAnAliasWithoutItsOriginalHasTheBytes) {
  const std::vector<Item> items = select(files(), "b/");
  EXPECT_EQ(items[1].name, "b/tied");
  EXPECT_EQ(items[1].alias_of, "");
  EXPECT_EQ(read(items[1]), read(floats("", {700, 1000})));
  EXPECT_EQ(items[2].alias_of, "b/tied");
  EXPECT_EQ(items[2].source, nullptr);
}

TEST_F(EntrySource, IsReadInAnyPartsByManyThreads) {
  const std::vector<std::byte> whole = read(floats("", {700, 1000}));
  std::atomic<std::uint64_t> told{0};
  const std::vector<Item> items = select(files(), "a/", [&](std::uint64_t more) { told += more; });
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (std::size_t n = 0; n < 4; ++n)
    threads.emplace_back([&, n] {
      std::vector<std::byte> part(300'001);
      for (std::size_t offset = n * 7; offset + part.size() <= whole.size(); offset += 600'011) {
        copy_bytes(items[0], offset, part);
        const auto* expected = whole.data() + offset;
        if (!std::equal(part.begin(), part.end(), expected)) ++wrong;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(told % 300'001, 0U);
  EXPECT_GT(told, 0U);
}

TEST_F(EntrySource, KeepsTheCheckpointOpenUntilItIsReleased) {
  auto opened = files();
  const std::weak_ptr<const CheckpointFiles> watched = opened;
  std::vector<Item> items = select(std::move(opened), "b/bias");
  EXPECT_EQ(read(items[0]), read(floats("", {5}, 2)));
  items[0].source->release();
  EXPECT_TRUE(watched.expired());
}

TEST_F(EntrySource, OfDamagedBytesIsAnError) {
  const std::vector<Item> items = select(files(), "a/");
  run_.flip_bit(run_.file(1, "shard-00001-of-00003.h5"), 5000);
  testing::expect_error(ErrorKind::kCorrupt, "shard-00001", [&] { read(items[0]); });
}

TEST_F(EntrySource, TakesLittleMemoryForALargeEntry) {
  run_.save(2, {floats("a/large", {4000, 1000})});
  const std::vector<Item> items =
      select(std::make_shared<const CheckpointFiles>(run_.directory(2)), "a/");
  std::vector<std::byte> part(1000);
  EXPECT_LT(testing::peak_memory_of([&] {
              for (std::uint64_t offset = 0; offset < 15'800'000; offset += 100'000)
                copy_bytes(items[0], offset, part);
            }),
            6U << 20);
}

TEST_F(EntrySource, ReadsABlockOnceForAllSmallEntriesInIt) {
  std::vector<Item> small;
  for (int i = 0; i < 500; ++i)
    small.push_back(floats("s/" + std::to_string(i), {9}, static_cast<float>(i)));
  run_.save(2, small);
  const auto fs = std::make_shared<testing::FaultFileSystem>();
  auto opened =
      std::make_shared<const CheckpointFiles>(Directory::open(fs, run_.directory(2).path()));
  const int before = fs->calls(testing::Call::kRead);
  for (const Item& item : select(opened, "s/"))
    EXPECT_EQ(read(item), read(small[std::stoul(item.name.substr(2))]));
  EXPECT_LE(fs->calls(testing::Call::kRead) - before, 2);
}

}  // namespace
}  // namespace holdfast
