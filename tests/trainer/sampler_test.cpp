#include <holdfast/trainer/sampler.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "trainer/saved_values.h"
#include "trainer/thrown.h"

namespace holdfast::trainer {
namespace {

using ::holdfast::testing::error_of;
using ::holdfast::testing::SavedValues;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Indices = std::vector<std::int64_t>;

constexpr auto kLargestSeed = std::numeric_limits<std::uint64_t>::max();

SamplerOptions seeded(std::uint64_t seed) {
  SamplerOptions options;
  options.seed = seed;
  return options;
}

SamplerOptions in_order(bool drop_last = false) {
  SamplerOptions options;
  options.shuffle = false;
  options.drop_last = drop_last;
  return options;
}

Indices rest_of_epoch(Sampler& sampler, std::int64_t batch_size) {
  Indices all;
  for (Indices batch = sampler.next_batch(batch_size); !batch.empty();
       batch = sampler.next_batch(batch_size)) {
    all.insert(all.end(), batch.begin(), batch.end());
  }
  return all;
}

SavedValues saved(const Sampler& sampler) {
  SavedValues values;
  sampler.save(values);
  return values;
}

// Golden values, found by a second implementation in another language. They must never change: a
// run would resume with another order than it was interrupted in.
TEST(Permutation, IsTheSameForEver) {
  EXPECT_THAT(permutation(0, 0, 10), ElementsAre(8, 2, 3, 5, 1, 6, 9, 7, 0, 4));
  EXPECT_THAT(permutation(42, 1, 10), ElementsAre(3, 8, 9, 4, 7, 2, 1, 0, 5, 6));
  EXPECT_THAT(permutation(kLargestSeed, 7, 10), ElementsAre(6, 3, 2, 7, 1, 5, 9, 4, 8, 0));
}

TEST(Permutation, IsTheSameForEverOverALargeSet) {
  const Indices order = permutation(2024, 3, 60000);
  EXPECT_THAT(Indices(order.begin(), order.begin() + 5),
              ElementsAre(11699, 52635, 13986, 53221, 824));
  std::int64_t weighted = 0;
  for (std::size_t i = 0; i < order.size(); ++i)
    weighted += static_cast<std::int64_t>(i) * order[i];
  EXPECT_EQ(weighted, 53946904474506);
}

TEST(Permutation, HoldsEveryIndexOnce) {
  for (const std::int64_t size : {0, 1, 2, 3, 1000}) {
    Indices order = permutation(5, 5, size);
    std::sort(order.begin(), order.end());
    Indices all(static_cast<std::size_t>(size));
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(order, all);
  }
}

TEST(Permutation, DiffersBySeedAndByEpoch) {
  const Indices order = permutation(1, 1, 100);
  EXPECT_NE(order, permutation(2, 1, 100));
  EXPECT_NE(order, permutation(1, 2, 100));
  EXPECT_NE(order, permutation(1 + (std::uint64_t{1} << 32), 1, 100));
  EXPECT_EQ(order, permutation(1, 1, 100));
}

TEST(Permutation, IsEvenlySpread) {
  std::vector<std::vector<int>> counts(4, std::vector<int>(4));
  for (int seed = 0; seed < 4000; ++seed) {
    const Indices order = permutation(static_cast<std::uint64_t>(seed), 0, 4);
    for (std::size_t i = 0; i < 4; ++i) ++counts[i][static_cast<std::size_t>(order[i])];
  }
  for (const auto& row : counts) {
    for (const int count : row) EXPECT_NEAR(count, 1000, 120);
  }
}

TEST(SamplerTest, HandsOutAnEpochBatchByBatch) {
  Sampler sampler(7, in_order());
  EXPECT_THAT(sampler.next_batch(3), ElementsAre(0, 1, 2));
  EXPECT_THAT(sampler.next_batch(3), ElementsAre(3, 4, 5));
  EXPECT_THAT(sampler.next_batch(3), ElementsAre(6));
  EXPECT_THAT(sampler.next_batch(3), IsEmpty());
  EXPECT_EQ(sampler.consumed(), 7);
}

TEST(SamplerTest, LeavesOutAPartialBatchWhenAskedTo) {
  Sampler sampler(7, in_order(true));
  EXPECT_THAT(rest_of_epoch(sampler, 3), ElementsAre(0, 1, 2, 3, 4, 5));
  EXPECT_THAT(sampler.next_batch(3), IsEmpty());
}

TEST(SamplerTest, CountsTheBatchesOfAnEpoch) {
  EXPECT_EQ(Sampler(7, in_order()).batches_per_epoch(3), 3);
  EXPECT_EQ(Sampler(7, in_order(true)).batches_per_epoch(3), 2);
  EXPECT_EQ(Sampler(6, in_order()).batches_per_epoch(3), 2);
  EXPECT_EQ(Sampler(2, in_order()).batches_per_epoch(3), 1);
  EXPECT_EQ(Sampler(2, in_order(true)).batches_per_epoch(3), 0);
}

TEST(SamplerTest, ShufflesEachEpochItsOwnWay) {
  Sampler sampler(50, seeded(3));
  for (const std::int64_t epoch : {0, 1, 2}) {
    sampler.start_epoch(epoch);
    EXPECT_EQ(sampler.epoch(), epoch);
    EXPECT_EQ(rest_of_epoch(sampler, 8), permutation(3, epoch, 50));
  }
}

TEST(SamplerTest, TakesAnyBatchSizeInTurn) {
  Sampler sampler(6, in_order());
  EXPECT_THAT(sampler.next_batch(1), ElementsAre(0));
  EXPECT_THAT(sampler.next_batch(2), ElementsAre(1, 2));
  EXPECT_THAT(sampler.next_batch(std::numeric_limits<std::int64_t>::max()), ElementsAre(3, 4, 5));
}

TEST(SamplerTest, GoesOnAfterAnyBatchAsIfItHadNotBeenInterrupted) {
  Sampler uninterrupted(40, seeded(11));
  uninterrupted.start_epoch(2);
  const Indices whole = rest_of_epoch(uninterrupted, 7);
  for (int batches = 0; batches <= 6; ++batches) {
    Sampler interrupted(40, seeded(11));
    interrupted.start_epoch(2);
    Indices seen;
    for (int i = 0; i < batches; ++i) {
      const Indices batch = interrupted.next_batch(7);
      seen.insert(seen.end(), batch.begin(), batch.end());
    }
    Sampler resumed(40, seeded(11));
    resumed.load(saved(interrupted));
    EXPECT_EQ(resumed.epoch(), 2);
    const Indices rest = rest_of_epoch(resumed, 7);
    seen.insert(seen.end(), rest.begin(), rest.end());
    EXPECT_EQ(seen, whole) << "interrupted after " << batches << " batches";
  }
}

TEST(SamplerTest, GoesOnIntoTheNextEpochAfterAResume) {
  Sampler interrupted(10, seeded(1));
  interrupted.next_batch(4);
  Sampler resumed(10, seeded(1));
  resumed.load(saved(interrupted));
  rest_of_epoch(resumed, 4);
  resumed.start_epoch(1);
  EXPECT_EQ(rest_of_epoch(resumed, 4), permutation(1, 1, 10));
}

TEST(SamplerTest, KeepsTheLargestSeed) {
  Sampler sampler(10, seeded(kLargestSeed));
  EXPECT_NO_THROW(sampler.load(saved(Sampler(10, seeded(kLargestSeed)))));
}

TEST(SamplerTest, RefusesTheStateOfASamplerOfAnotherSize) {
  Sampler sampler(10, seeded(1));
  const Error error = error_of([&] { sampler.load(saved(Sampler(12, seeded(1)))); });
  EXPECT_EQ(error.kind(), ErrorKind::kMismatch);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("another size"), HasSubstr("expected 10"), HasSubstr("found 12")));
}

TEST(SamplerTest, RefusesTheStateOfASamplerOfAnotherSeed) {
  Sampler sampler(10, seeded(kLargestSeed));
  const Error error = error_of([&] { sampler.load(saved(Sampler(10, seeded(2)))); });
  EXPECT_EQ(error.kind(), ErrorKind::kMismatch);
  EXPECT_THAT(error.what(),
              AllOf(HasSubstr("another seed"), HasSubstr("expected 18446744073709551615"),
                    HasSubstr("found 2")));
}

TEST(SamplerTest, RefusesTheStateOfASamplerThatDidNotShuffle) {
  Sampler sampler(10);
  const Error error = error_of([&] { sampler.load(saved(Sampler(10, in_order()))); });
  EXPECT_EQ(error.kind(), ErrorKind::kMismatch);
  EXPECT_THAT(error.what(), AllOf(HasSubstr("expected shuffled"), HasSubstr("found in order")));
}

TEST(SamplerTest, RefusesAPlaceThatCannotBeAndStaysWhereItWas) {
  for (const auto& [name, value] : {std::pair{"consumed", 11}, {"consumed", -1}, {"epoch", -1}}) {
    Sampler sampler(10, seeded(1));
    sampler.next_batch(4);
    SavedValues values = saved(sampler);
    values.integer(name, value);
    const Error error = error_of([&] { sampler.load(values); });
    EXPECT_EQ(error.kind(), ErrorKind::kMismatch);
    EXPECT_EQ(sampler.consumed(), 4);
    EXPECT_EQ(sampler.epoch(), 0);
  }
}

TEST(SamplerTest, ReportsAValueThatTheCheckpointLacks) {
  Sampler sampler(10);
  SavedValues values = saved(sampler);
  values.integers.erase("consumed");
  EXPECT_THAT(error_of([&] { sampler.load(values); }).what(), HasSubstr("'consumed'"));
}

TEST(SamplerTest, RefusesSizesBatchesAndEpochsThatMakeNoSense) {
  EXPECT_EQ(error_of([] { Sampler(0); }).kind(), ErrorKind::kInvalidArgument);
  Sampler sampler(3);
  EXPECT_EQ(error_of([&] { sampler.next_batch(0); }).kind(), ErrorKind::kInvalidArgument);
  EXPECT_EQ(error_of([&] { sampler.batches_per_epoch(-1); }).kind(), ErrorKind::kInvalidArgument);
  EXPECT_EQ(error_of([&] { sampler.start_epoch(-1); }).kind(), ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace holdfast::trainer
