#include <holdfast/checkpoint/data/sampler.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "support/saved_values.h"
#include "support/thrown.h"

namespace holdfast {
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

TEST(WeightedDraws, AreTheSameForEver) {
  EXPECT_THAT(weighted_draws(0, 0, {1, 2, 3, 4}, 10), ElementsAre(2, 2, 2, 0, 0, 3, 3, 2, 2, 3));
  EXPECT_THAT(weighted_draws(42, 7, {0.5, 0, 0.25, 1e-9, 3}, 12),
              ElementsAre(4, 4, 4, 4, 4, 4, 4, 0, 4, 0, 0, 4));
}

TEST(WeightedDraws, FollowTheWeights) {
  std::vector<int> counts(3);
  for (const std::int64_t index : weighted_draws(1, 1, {1, 0, 3}, 40000))
    ++counts[static_cast<std::size_t>(index)];
  EXPECT_NEAR(counts[0], 10000, 300);
  EXPECT_EQ(counts[1], 0);
}

TEST(WeightedDraws, NeedWeights) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  const double largest = std::numeric_limits<double>::max();
  for (const std::vector<double>& weights :
       {std::vector<double>{1, -1}, {0, 0}, {nan}, {infinity}, {largest, largest}, {}})
    EXPECT_EQ(error_of([&] { weighted_draws(0, 0, weights, 1); }).kind(),
              ErrorKind::kInvalidArgument);
}

SamplerOptions of_rank(std::int64_t rank, std::int64_t ranks, bool drop_last = false) {
  SamplerOptions options = in_order(drop_last);
  options.rank = rank;
  options.ranks = ranks;
  return options;
}

TEST(SamplerTest, VisitsASubset) {
  SamplerOptions options = in_order();
  options.subset = {7, 3, 9};
  Sampler sampler(10, options);
  EXPECT_EQ(sampler.size(), 3);
  EXPECT_THAT(rest_of_epoch(sampler, 2), ElementsAre(7, 3, 9));
  options.shuffle = true;
  Sampler shuffled(10, options);
  EXPECT_THAT(rest_of_epoch(shuffled, 2), ::testing::UnorderedElementsAre(7, 3, 9));
}

TEST(SamplerTest, DrawsByWeightsAnotherWayInEachEpoch) {
  SamplerOptions options = seeded(5);
  options.weights = {1, 2, 3, 4};
  options.draws = 20;
  Sampler sampler(4, options);
  for (const std::int64_t epoch : {0, 1}) {
    sampler.start_epoch(epoch);
    EXPECT_EQ(rest_of_epoch(sampler, 8), weighted_draws(5, epoch, options.weights, 20));
  }
  options.draws = 0;
  EXPECT_EQ(Sampler(4, options).size(), 4);
}

TEST(SamplerTest, GivesEachRankItsPartOfEachBatch) {
  std::vector<Sampler> samplers;
  for (const int rank : {0, 1, 2}) samplers.emplace_back(20, of_rank(rank, 3));
  EXPECT_THAT(samplers[0].next_batch(2), ElementsAre(0, 1));
  EXPECT_THAT(samplers[1].next_batch(2), ElementsAre(2, 3));
  EXPECT_THAT(samplers[2].next_batch(2), ElementsAre(4, 5));
  EXPECT_EQ(samplers[2].consumed(), 6);
  EXPECT_THAT(rest_of_epoch(samplers[0], 2), ElementsAre(6, 7, 12, 13));
  EXPECT_THAT(rest_of_epoch(samplers[2], 2), ElementsAre(10, 11, 16, 17));
  EXPECT_EQ(samplers[0].batches_per_epoch(2), 3);
}

TEST(SamplerTest, SharesWhatIsLeftEquallyAmongTheRanks) {
  std::vector<std::size_t> counts;
  for (const int rank : {0, 1, 2, 3}) {
    Sampler sampler(22, of_rank(rank, 4));
    counts.push_back(rest_of_epoch(sampler, 4).size());
    EXPECT_EQ(sampler.batches_per_epoch(4), 2);
  }
  EXPECT_THAT(counts, ElementsAre(5, 5, 5, 5));
  Sampler without_rest(22, of_rank(1, 4, true));
  EXPECT_EQ(rest_of_epoch(without_rest, 4).size(), 4U);
}

TEST(SamplerTest, IsResumedWithAnotherNumberOfRanks) {
  Sampler two(24, of_rank(1, 2));
  two.next_batch(4);
  Sampler four(24, of_rank(3, 4));
  four.load(saved(two));
  EXPECT_THAT(four.next_batch(2), ElementsAre(14, 15));
}

TEST(SamplerTest, RefusesTheStateOfAnotherSubsetOrOtherWeights) {
  SamplerOptions options = seeded(1), other = seeded(1);
  options.weights = {1, 2, 3};
  other.subset = {0, 1, 2};
  Sampler sampler(3, options);
  for (const Sampler& saved_one : {Sampler(3, other), Sampler(3, seeded(1))}) {
    const Error error = error_of([&] { sampler.load(saved(saved_one)); });
    EXPECT_THAT(error.what(), HasSubstr("another subset, or other weights"));
  }
  EXPECT_NO_THROW(sampler.load(saved(Sampler(3, options))));
}

TEST(SamplerTest, RefusesOptionsThatContradictOneAnother) {
  const auto expect_refused = [](const SamplerOptions& options) {
    EXPECT_EQ(error_of([&] { Sampler(3, options); }).kind(), ErrorKind::kInvalidArgument);
  };
  SamplerOptions options;
  options.subset = {3};
  expect_refused(options);
  options = SamplerOptions();
  options.weights = {1, 2};
  expect_refused(options);
  expect_refused(of_rank(2, 2));
  expect_refused(of_rank(0, 0));
  expect_refused(of_rank(-1, 2));
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
}  // namespace holdfast
