// The promise: a training that is killed at any instant ends in the same bits as one that never
// was.
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <holdfast/checkpoint/run/locate.h>

#include "mlp_fixture.h"

namespace holdfast {
namespace {

class ExactResume : public testing::MlpTest {
 protected:
  ExactResume() {
    // Two epochs of 32 steps with shuffling, dropout, batch norm, momentum and a schedule.
    common_ = {"train.log_every_steps=1", "checkpoint.every_steps=3", "train.threads=2"};
  }

  // Kills the run `crashes` times at steps drawn from `seed`, letting it go on in between.
  void train_with_crashes(const std::string& run, int crashes, unsigned seed,
                          const Overrides& overrides) {
    std::mt19937 random(seed);
    std::int64_t step = 0;
    for (int i = 0; i < crashes; ++i) {
      step += 1 + static_cast<std::int64_t>(random() % (56 / static_cast<unsigned>(crashes)));
      train_and_kill_at(step, run, overrides);
    }
    expect_trained(run, overrides);
  }
};

TEST_F(ExactResume, AfterOneCrashInTheMiddleOfAnEpoch) {
  expect_trained("twin");
  train_with_crashes("killed", 1, 1, {});
  expect_same_bits("killed", "twin");
}

TEST_F(ExactResume, AfterACrashOfTheResumedRunToo) {
  expect_trained("twin");
  train_with_crashes("killed", 3, 2, {});
  expect_same_bits("killed", "twin");
}

TEST_F(ExactResume, WithFewerRowsOfMetricsThanSavesAndCrashesBetweenThem) {
  common_ = {"train.log_every_steps=9", "checkpoint.every_steps=1"};
  expect_trained("twin");
  expect_trained("stopped", {"train.max_steps=20"});  // after the row of step 18
  expect_trained("stopped", {"train.max_steps=22"});  // no row in this process
  expect_trained("stopped", {"train.max_steps=24"});  // nor in this
  expect_trained("stopped");
  expect_same_bits("stopped", "twin");
}

TEST_F(ExactResume, ARunThatBeginsWithAnothersCheckpointIsARunOfItsOwn) {
  expect_trained("origin", {"train.max_steps=30"});
  const auto forked = train("fork", {"train.max_steps=30"}, checkpoint_path("origin", 30));
  ASSERT_EQ(forked.status, 0) << forked.output;
  EXPECT_EQ(steps("fork").back(), 30);  // at once: it can be resumed without the origin
  std::filesystem::remove_all(run_path("origin"));
  expect_trained("fork");
  EXPECT_THAT(testing::read_file(run_path("fork") + "/metrics.csv"),
              ::testing::StartsWith("step,epoch,train_loss"));
  expect_trained("twin");
  const Comparison result = testing::compare_every_bit(open("fork", steps("fork").back()),
                                                       open("twin", steps("twin").back()));
  EXPECT_TRUE(result.differences.empty());
}

TEST_F(ExactResume, WithOneThread) {
  common_.push_back("train.threads=1");
  expect_trained("twin");
  train_with_crashes("killed", 2, 3, {});
  expect_same_bits("killed", "twin");
}

TEST_F(ExactResume, WithAdamWCosineAndAMovingAverage) {
  config_ = std::string(HOLDFAST_SOURCE_DIR) + "/configs/mlp-ema.yaml";
  common_ = {
      "train.log_every_steps=1",    "checkpoint.every_steps=3", "data.train_limit=4000",
      "data.test_limit=500",        "train.epochs=2",           "models.mlp.layers=[784, 32, 10]",
      "optimizers.adam.type=adamw", "train.threads=2"};
  expect_trained("twin");
  train_with_crashes("killed", 2, 4, {});
  expect_same_bits("killed", "twin");
}

TEST_F(ExactResume, WhateverTheCheckpointPolicyOfTheRunThatWasNotInterrupted) {
  expect_trained("twin",
                 {"checkpoint.every_steps=50", "checkpoint.shards=5", "checkpoint.async=false"});
  train_with_crashes("killed", 2, 5, {});
  expect_same_bits("killed", "twin");
}

TEST_F(ExactResume, SavingAtEveryStepDisturbsNothing) {
  expect_trained("always", {"checkpoint.every_steps=1"});
  expect_trained("never", {"checkpoint.every_steps=0", "checkpoint.at_epoch_end=false"});
  EXPECT_EQ(steps("never").size(), 1u);  // the last step of a run is always saved
  expect_same_bits("always", "never");
}

TEST_F(ExactResume, ARunThatIsExtendedEqualsOneThatWasLongFromTheStart) {
  expect_trained("twin");
  expect_trained("extended", {"train.max_steps=37"});
  EXPECT_EQ(steps("extended").back(), 37);
  expect_trained("extended");
  expect_same_bits("extended", "twin");
}

TEST_F(ExactResume, FromANamedCheckpointThatIsNotTheNewest) {
  common_.push_back("checkpoint.keep_last=0");
  expect_trained("twin");
  expect_trained("back", {"train.max_steps=40"});
  const auto finished = train("back", {}, checkpoint_path("back", 21));
  ASSERT_EQ(finished.status, 0) << finished.output;
  EXPECT_TRUE(std::filesystem::exists(run_path("back") + "/superseded"));
  expect_same_bits("back", "twin");
}

TEST_F(ExactResume, FromTheBestOfAnotherRun) {
  common_.insert(common_.end(), {"train.evaluate_every_steps=3", "checkpoint.keep_best=1",
                                 "checkpoint.metric=mlp/test_loss",
                                 "checkpoint.direction=max"});  // the best is not the newest
  expect_trained("first", {"train.max_steps=40"});
  const std::string best = locate_checkpoint(posix_file_system(), run_path("first@best")).path();
  EXPECT_NE(best, checkpoint_path("first", 40));
  const auto by_name = train("by_name", {}, run_path("first@best"));
  ASSERT_EQ(by_name.status, 0) << by_name.output;
  const auto by_path = train("by_path", {}, best);
  ASSERT_EQ(by_path.status, 0) << by_path.output;
  expect_same_bits("by_name", "by_path");
}

}  // namespace
}  // namespace holdfast
