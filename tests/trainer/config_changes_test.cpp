#include <holdfast/trainer/config_changes.h>

#include <gmock/gmock.h>

#include "trainer/config_files.h"

namespace holdfast::trainer {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kCosine = "schedules.s={type: cosine, optimizer: adam}";
const std::string kPlateau =
    "schedules.s={type: plateau, optimizer: adam, metric: mlp/test_loss, direction: min}";

class ConfigChanges : public holdfast::testing::ConfigTest {
 protected:
  using Overrides = std::vector<std::string>;

  // The keys that forbid a resume when these overrides are added to `base`.
  std::vector<std::string> forbidden(const Overrides& added, const Overrides& base = {},
                                     const Overrides& allow = {}) {
    Overrides all = base;
    all.insert(all.end(), added.begin(), added.end());
    std::vector<std::string> keys;
    for (const auto& change :
         incompatible_changes(flatten(load_small(base)), flatten(load_small(all)), allow))
      keys.push_back(change.key);
    return keys;
  }
};

TEST_F(ConfigChanges, NothingForbidsAResumeWithTheSameConfiguration) {
  EXPECT_THAT(changes(flatten(load_small()), flatten(load_small())), IsEmpty());
}

TEST_F(ConfigChanges, DataSeedBatchModelAndOptimizerMayNotChange) {
  EXPECT_THAT(forbidden({"seed=1"}), ElementsAre("seed"));
  EXPECT_THAT(forbidden({"data.batch_size=2"}), ElementsAre("data.batch_size"));
  EXPECT_THAT(forbidden({"data.train_limit=2"}), ElementsAre("data.train_limit"));
  EXPECT_THAT(forbidden({"models.mlp.layers=[4, 5, 2]"}), ElementsAre("models.mlp.layers"));
  EXPECT_THAT(forbidden({"optimizers.adam.lr=1"}), ElementsAre("optimizers.adam.lr"));
}

TEST_F(ConfigChanges, AScheduleThatWasNotThereIsAChange) {
  EXPECT_THAT(forbidden({"schedules.s={type: constant, optimizer: adam}"}),
              ElementsAre("schedules.s.optimizer", "schedules.s.type", "schedules.s.warmup_steps"));
}

TEST_F(ConfigChanges, PoliciesMayChange) {
  EXPECT_THAT(forbidden({"run.dir=elsewhere", "data.root=elsewhere", "train.epochs=9",
                         "train.max_steps=9", "train.log_every_steps=9", "checkpoint.shards=9",
                         "checkpoint.every_steps=9", "resume.allow_changes=[seed]"}),
              IsEmpty());
}

TEST_F(ConfigChanges, TheNumberOfThreadsIsReportedAndNotForbidden) {
  const auto all = changes(flatten(load_small()), flatten(load_small({"train.threads=2"})));
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].key, "train.threads");
  EXPECT_EQ(all[0].effect, ChangeEffect::kRounding);
  EXPECT_THAT(forbidden({"train.threads=2"}), IsEmpty());
}

TEST_F(ConfigChanges, TheLengthOfARunMayNotChangeUnderACosineThatFollowsIt) {
  EXPECT_THAT(forbidden({"train.epochs=9"}, {kCosine}), ElementsAre("train.epochs"));
  EXPECT_THAT(forbidden({"train.max_steps=9"}, {kCosine}), IsEmpty());
  EXPECT_THAT(forbidden({"train.max_steps=9"}, {kCosine, "train.epochs=0", "train.max_steps=8"}),
              ElementsAre("train.max_steps"));
}

TEST_F(ConfigChanges, TheLengthOfARunMayChangeUnderACosineOfItsOwnLength) {
  EXPECT_THAT(forbidden({"train.epochs=9"}, {kCosine, "schedules.s.total_steps=100"}), IsEmpty());
}

TEST_F(ConfigChanges, EvaluationsMayNotMoveUnderAPlateauThatCountsThem) {
  EXPECT_THAT(forbidden({"train.evaluate_every_epochs=9"}), IsEmpty());
  EXPECT_THAT(forbidden({"train.evaluate_every_epochs=9"}, {kPlateau}),
              ElementsAre("train.evaluate_every_epochs"));
}

TEST_F(ConfigChanges, WhatIsAllowedByNameOrPatternIsNotForbidden) {
  const std::vector<std::string> changed = {"optimizers.adam.lr=1", "seed=1"};
  EXPECT_THAT(forbidden(changed, {}, {"optimizers.*"}), ElementsAre("seed"));
  EXPECT_THAT(forbidden(changed, {}, {"seed"}), ElementsAre("optimizers.adam.lr"));
  EXPECT_THAT(forbidden(changed, {}, {"optimizers"}), ElementsAre("optimizers.adam.lr", "seed"));
}

// Their time must grow in proportion to the number of keys: if it grew with its square, this test
// would take minutes.
TEST(IncompatibleError, OfVeryManyChangesTellsTheFirstAndHowMany) {
  FlatConfig saved;
  for (int i = 0; i < 50'000; ++i) saved.emplace("k" + std::to_string(100'000 + i), "v");
  const auto found = incompatible_changes(saved, {}, {});
  EXPECT_EQ(found.size(), 50'000u);
  const std::string text = incompatible_error("runs/a", found).what();
  EXPECT_THAT(text, HasSubstr("changed (50000):\n    k100000: v -> (not there)\n"));
  EXPECT_THAT(text, HasSubstr("… and 49980 more"));
  EXPECT_THAT(text, HasSubstr("--set 'resume.allow_changes=[PATTERN,...]'"));
  EXPECT_LT(text.size(), 2'000u);
}

TEST(IncompatibleError, NamesEachKeyBothValuesAndHowToAllowThem) {
  const auto found = incompatible_changes({{"seed", "1"}, {"gone", "x"}}, {{"seed", "2"}}, {});
  const Error error = incompatible_error("runs/a/checkpoints/step-1", found);
  EXPECT_EQ(error.kind(), ErrorKind::kMismatch);
  EXPECT_THAT(error.what(), HasSubstr("seed: 1 -> 2"));
  EXPECT_THAT(error.what(), HasSubstr("gone: x -> (not there)"));
  EXPECT_THAT(error.what(), HasSubstr("--set 'resume.allow_changes=[gone,seed]'"));
}

}  // namespace
}  // namespace holdfast::trainer
