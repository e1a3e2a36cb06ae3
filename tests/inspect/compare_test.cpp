#include <holdfast/checkpoint/inspect/compare.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/allocations.h"
#include "support/expect_error.h"
#include "support/fault_file_system.h"
#include "support/saved_run.h"

namespace holdfast {
namespace {

using testing::alias;
using ::testing::ElementsAre;
using testing::floats;
using ::testing::HasSubstr;
using testing::integer;
using ::testing::IsEmpty;
using testing::none;
using testing::SavedRun;
using ::testing::SizeIs;
using testing::text;

constexpr std::uint64_t kMiB = 1 << 20;
constexpr const char* kShard = "shard-00000-of-00001.h5";

SaverOptions in_shards(int count) {
  SaverOptions options;
  options.shards = count;
  return options;
}

Comparison compared(std::vector<Item> a, std::vector<Item> b, int shards_of_b = 1,
                    const CompareOptions& options = {}) {
  SavedRun first, second;
  first.save(1, std::move(a));
  second.save(2, std::move(b), in_shards(shards_of_b));
  return compare(first.open(1), second.open(2), 2, options);
}

// The only difference.
Difference difference(std::vector<Item> a, std::vector<Item> b) {
  const Comparison result = compared(std::move(a), std::move(b));
  EXPECT_THAT(result.differences, SizeIs(1));
  return result.differences.empty() ? Difference() : result.differences[0];
}

std::vector<std::string> names(const std::vector<Difference>& differences) {
  std::vector<std::string> names;
  for (const auto& difference : differences) names.push_back(difference.name);
  return names;
}

// floats(), and 0.5 more at `index`.
Item changed(const std::string& name, const Shape& shape, std::size_t index) {
  std::vector<float> values(bytes_of(DType::kFloat32, shape) / sizeof(float));
  std::iota(values.begin(), values.end(), 0.0f);
  values[index] += 0.5f;
  return testing::item(name, DType::kFloat32, shape, testing::bytes_of(values));
}

TEST(Compare, FindsTheSameStateIdenticalHoweverItIsSharded) {
  const std::vector<Item> items = {floats("a", {1000, 30}), integer("n", 1), none("x")};
  const Comparison result = compared(items, items, 3);
  EXPECT_THAT(result.differences, IsEmpty());
  EXPECT_THAT(result.identical, SizeIs(3));
  EXPECT_EQ(result.bytes_compared + result.bytes_skipped, 120'008u);
}

TEST(Compare, RefusesACheckpointThatIsNotComplete) {
  SavedRun run;
  run.save(1, {floats("a", {9})});
  const CheckpointFiles files = run.open(1);
  std::filesystem::resize_file(run.file(1, kShard), 0);
  testing::expect_error(ErrorKind::kCorrupt, "the file does not have its size",
                        [&] { compare(files, files, 1); });
  std::filesystem::remove(run.file(1, kShard));
  testing::expect_error(ErrorKind::kCorrupt, "a file of the checkpoint is missing",
                        [&] { compare(files, files, 1); });
}

TEST(Compare, NamesTheEntryInWhichOneBitDiffers) {
  const Comparison result =
      compared({floats("a", {9}), floats("b", {9})}, {floats("a", {9}), floats("b", {9}, 1)});
  EXPECT_THAT(names(result.differences), ElementsAre("b"));
  EXPECT_THAT(result.identical, ElementsAre("a"));
}

TEST(Compare, NamesEntriesOfOneSideOnly) {
  const Comparison result =
      compared({integer("a", 1), integer("b", 1)}, {integer("b", 1), integer("c", 1)});
  EXPECT_THAT(names(result.differences), ElementsAre("a", "c"));
  EXPECT_EQ(result.differences[0].kind, DifferenceKind::kOnlyInFirst);
  EXPECT_EQ(result.differences[1].kind, DifferenceKind::kOnlyInSecond);
}

TEST(Compare, TellsKindsShapesDtypesAndTiesApart) {
  const Item weight = floats("w", {4});
  EXPECT_EQ(difference({weight}, {none("w")}).kind, DifferenceKind::kKind);
  const Difference shape = difference({weight}, {floats("w", {2, 2})});
  EXPECT_EQ(shape.kind, DifferenceKind::kShape);
  EXPECT_EQ(shape.problem, "shape [4] and [2, 2]");
  EXPECT_EQ(
      difference({weight}, {testing::item("w", DType::kInt32, {4}, std::vector<std::byte>(16))})
          .problem,
      "dtype float32 and int32");
  EXPECT_EQ(difference({weight, floats("v", {4})}, {weight, alias("v", weight)}).problem,
            "tied to nothing and w");
}

TEST(Compare, SaysHowManyElementsDifferAndByHowMuch) {
  const Difference found = difference({floats("w", {10, 10})}, {changed("w", {10, 10}, 42)});
  EXPECT_EQ(found.kind, DifferenceKind::kValues);
  ASSERT_TRUE(found.change);
  EXPECT_EQ(found.change->differing, 1u);
  EXPECT_EQ(found.change->first_differing, 42u);
  EXPECT_EQ(found.change->largest_absolute, 0.5);
  EXPECT_EQ(found.problem, "1 of 100 elements differ, by 0.5 at most");
}

TEST(Compare, FindsTheSameDifferenceHoweverItIsSharded) {
  const std::vector<Item> a = {floats("w", {1000, 700}), integer("n", 1)};
  const std::vector<Item> b = {changed("w", {1000, 700}, 654'321), integer("n", 1)};
  for (const int shards : {1, 2, 5}) {
    const Comparison result = compared(a, b, shards);
    ASSERT_THAT(names(result.differences), ElementsAre("w")) << shards;
    EXPECT_EQ(result.differences[0].change->differing, 1u);
    EXPECT_EQ(result.differences[0].change->first_differing, 654'321u);
    EXPECT_EQ(result.bytes_compared + result.bytes_skipped, 2'800'008u);
  }
}

TEST(Compare, CountsNewNaNs) {
  std::vector<float> values = {1, 2, std::nanf("")};
  const Item a = testing::item("w", DType::kFloat32, {3}, testing::bytes_of(values));
  values[0] = std::nanf("");
  const Item b = testing::item("w", DType::kFloat32, {3}, testing::bytes_of(values));
  const Difference found = difference({a}, {b});
  EXPECT_EQ(found.change->new_nans, 1u);
  EXPECT_THAT(found.problem, HasSubstr("NaN in the second: 1"));
}

TEST(Compare, ShowsTheValuesOfScalars) {
  const Difference found = difference({integer("step", 200)}, {integer("step", 400)});
  EXPECT_EQ(found.problem, "200 and 400");
  EXPECT_EQ(found.first, SmallValue(std::int64_t{200}));
  EXPECT_EQ(found.second, SmallValue(std::int64_t{400}));
}

TEST(Compare, ShowsTheTextsWhereTheyDiffer) {
  EXPECT_EQ(difference({text("type", "Adam")}, {text("type", "AdamW")}).problem,
            "\"Adam\" and \"AdamW\"");
  const std::string before(1000, 'x'), after(1000, 'y');
  const Difference found =
      difference({text("t", before + "ä" + after)}, {text("t", before + "ö" + after)});
  EXPECT_EQ(to_string(found.first), "…" + std::string(29, 'x') + "ä" + std::string(69, 'y') + "…");
  EXPECT_THAT(to_string(found.second), HasSubstr("xö"));
}

TEST(Compare, GivesATiedEntryTheDifferenceOfWhatItIsTiedTo) {
  const Item a = floats("w", {600, 500}), b = changed("w", {600, 500}, 7);
  const Comparison result = compared({a, alias("v", a)}, {b, alias("v", b)});
  ASSERT_THAT(names(result.differences), ElementsAre("w", "v"));
  EXPECT_EQ(result.differences[0].change, result.differences[1].change);
  EXPECT_EQ(result.bytes_compared + result.bytes_skipped, 1'200'000u) << "and reads it once";
}

TEST(Compare, LooksAtWhatIsIncludedOnly) {
  CompareOptions options;
  options.include = {"models/*"};
  const Comparison result =
      compared({integer("models/a", 1), integer("step", 1), integer("old", 1)},
               {integer("models/a", 1), integer("step", 2), integer("new", 1)}, 1, options);
  EXPECT_THAT(result.differences, IsEmpty());
  EXPECT_THAT(result.identical, ElementsAre("models/a"));
}

TEST(Compare, RefusesAPatternThatMatchesNothing) {
  CompareOptions options;
  options.include = {"a", "only-*", "modles/*"};
  testing::expect_error(ErrorKind::kNotFound, "matches no entry of either checkpoint: \"modles/*\"",
                        [&] {
                          compared({integer("a", 1), integer("only-first", 1)},
                                   {integer("a", 1), integer("only-second", 1)}, 1, options);
                        });
  options.include.pop_back();
  EXPECT_THAT(compared({integer("a", 1)}, {integer("a", 1), integer("only-second", 1)}, 1, options)
                  .differences,
              SizeIs(1))
      << "one that the second alone matches is fine";
}

TEST(Compare, TellsOfEveryByteOnce) {
  for (const int shards : {1, 3}) {
    std::atomic<std::uint64_t> bytes{0};
    CompareOptions options;
    options.progress = [&](std::uint64_t more) { bytes += more; };
    const Comparison result =
        compared({floats("w", {3 << 10, 1 << 10}), integer("n", 1)},
                 {changed("w", {3 << 10, 1 << 10}, 5), integer("n", 2)}, shards, options);
    EXPECT_EQ(bytes, 12 * kMiB + 8);
    EXPECT_EQ(result.bytes_compared + result.bytes_skipped, bytes);
  }
}

// Two checkpoints of 8 MiB whose fourth block differs, and which file system calls a comparison
// makes.
class CompareBlocks : public ::testing::Test {
 protected:
  CompareBlocks() {
    first_.save(1, {floats("w", {2 << 10, 1 << 10})});
    second_.save(2, {changed("w", {2 << 10, 1 << 10}, 1 << 20)});
  }

  // Of shards, by file system calls.
  Comparison compare_and_count() {
    const CheckpointFiles a = first_.open(1), b = second_.open(2);
    return compare_and_count(a, b);
  }
  Comparison compare_and_count(const CheckpointFiles& a, const CheckpointFiles& b) {
    const std::size_t before = fs_->made().size();
    Comparison result = compare(a, b, 2);
    const std::vector<testing::MadeCall> made = fs_->made();
    reads_ = std::count_if(made.begin() + static_cast<std::ptrdiff_t>(before), made.end(),
                           [](const testing::MadeCall& call) {
                             return call.call == testing::Call::kRead &&
                                    call.path.find("shard-") != std::string::npos;
                           });
    return result;
  }

  std::shared_ptr<testing::FaultFileSystem> fs_ = std::make_shared<testing::FaultFileSystem>();
  SavedRun first_{fs_}, second_{fs_};
  std::int64_t reads_ = 0;
};

TEST_F(CompareBlocks, ReadsOnlyTheBlocksWhoseDigestsDiffer) {
  const Comparison result = compare_and_count();
  EXPECT_EQ(reads_, 2) << "one block of each of the two";
  EXPECT_EQ(result.bytes_compared, kMiB);
  EXPECT_EQ(result.bytes_skipped, 7 * kMiB);
  ASSERT_THAT(result.differences, SizeIs(1));
  EXPECT_EQ(result.differences[0].change->first_differing, kMiB);
}

TEST_F(CompareBlocks, ReadsNothingWhereAllDigestsAreTheSame) {
  second_.save(3, {floats("w", {2 << 10, 1 << 10})});
  EXPECT_THAT(compare_and_count(first_.open(1), second_.open(3)).differences, IsEmpty());
  EXPECT_EQ(reads_, 0);
}

TEST_F(CompareBlocks, ReadsAllOnRequest) {
  second_.save(3, {floats("w", {2 << 10, 1 << 10})});
  CompareOptions options;
  options.skip_equal_blocks = false;
  const Comparison result = compare(first_.open(1), second_.open(3), 2, options);
  EXPECT_THAT(result.identical, ElementsAre("w"));
  EXPECT_EQ(result.bytes_compared, 8 * kMiB);
  EXPECT_EQ(result.bytes_skipped, 0u);
}

TEST_F(CompareBlocks, ReadsAllWhereTheBytesLieElsewhereInTheirBlocks) {
  second_.save(3, {floats("v", {50 << 10}), floats("w", {2 << 10, 1 << 10})});
  const Comparison result = compare(first_.open(1), second_.open(3), 2);
  EXPECT_THAT(result.identical, ElementsAre("w"));
  EXPECT_EQ(result.bytes_compared, 8 * kMiB);
}

TEST_F(CompareBlocks, SaysSoWhenABlockThatItReadsIsDamaged) {
  second_.flip_bit(second_.file(2, kShard), 4 * kMiB + 5000);
  testing::expect_error(ErrorKind::kCorrupt, second_.file(2, kShard), [&] { compare_and_count(); });
}

TEST_F(CompareBlocks, SaysNothingOfDamageInWhatItSkips) {
  second_.flip_bit(second_.file(2, kShard), 6 * kMiB);
  EXPECT_THAT(compare_and_count().differences, SizeIs(1));
}

TEST(CompareLarge, TakesBoundedMemoryForATensorOfOneLongRow) {
  constexpr std::int64_t kElements = 120 << 20;
  const auto bytes = [&](int value) {
    return testing::item("w", DType::kInt8, {1, kElements},
                         std::vector<std::byte>(kElements, static_cast<std::byte>(value)));
  };
  SavedRun first, second;
  first.save(1, {bytes(1)});
  second.save(2, {bytes(3)});
  const CheckpointFiles a = first.open(1), b = second.open(2);
  Comparison result;
  EXPECT_LT(testing::peak_memory_of([&] { result = compare(a, b, 2); }), 64 * kMiB);
  EXPECT_EQ(result.bytes_compared, 120 * kMiB);
  ASSERT_THAT(result.differences, SizeIs(1));
  EXPECT_EQ(result.differences[0].change->differing, 120 * kMiB);
  EXPECT_EQ(result.differences[0].change->largest_absolute, 2);
}

}  // namespace
}  // namespace holdfast
