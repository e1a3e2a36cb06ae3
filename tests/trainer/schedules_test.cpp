#include <holdfast/trainer/schedules.h>

#include <gtest/gtest.h>
#include <torch/optim/sgd.h>
#include <torch/types.h>

#include <cmath>
#include <limits>

#include "support/saved_values.h"
#include "support/thrown.h"

namespace holdfast::trainer {
namespace {

using holdfast::testing::error_of;
using holdfast::testing::SavedValues;

constexpr RunLength kLength{1000, 10};
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Two groups, with base rates 1 and 0.25.
std::unique_ptr<torch::optim::SGD> two_groups() {
  std::vector<torch::optim::OptimizerParamGroup> groups;
  for (const double lr : {1.0, 0.25})
    groups.emplace_back(std::vector<at::Tensor>{at::zeros({1})},
                        std::make_unique<torch::optim::SGDOptions>(lr));
  return std::make_unique<torch::optim::SGD>(std::move(groups), torch::optim::SGDOptions(1.0));
}

class Schedules : public ::testing::Test {
 protected:
  double rate(std::size_t group = 0) const {
    return optimizer_->param_groups()[group].options().get_lr();
  }

  std::unique_ptr<Schedule> build() { return build_schedule(config_, *optimizer_, kLength); }

  void use_plateau(Direction direction) {
    config_.type = ScheduleType::kPlateau;
    config_.direction = direction;
    config_.factor = 0.5;
    config_.patience = 1;
    config_.threshold = 0;
  }

  void observe(Schedule& schedule, std::initializer_list<double> metrics) {
    for (const double metric : metrics) schedule.observe(metric);
  }

  ScheduleConfig config_;
  std::unique_ptr<torch::optim::SGD> optimizer_ = two_groups();
};

TEST(WarmupFactor, RisesInEqualStepsFromAboveZeroToOne) {
  EXPECT_DOUBLE_EQ(warmup_factor(0, 4), 0.2);
  EXPECT_DOUBLE_EQ(warmup_factor(3, 4), 0.8);
  EXPECT_EQ(warmup_factor(4, 4), 1);
  EXPECT_EQ(warmup_factor(0, 0), 1);
}

TEST(StepFactor, FallsEverySoManySteps) {
  EXPECT_EQ(step_factor(9, 10, 0.5), 1);
  EXPECT_EQ(step_factor(10, 10, 0.5), 0.5);
  EXPECT_EQ(step_factor(39, 10, 0.5), 0.125);
}

TEST(CosineFactor, FallsFromOneToItsLowestAndStaysThere) {
  EXPECT_EQ(cosine_factor(0, 100, 0), 1);
  EXPECT_DOUBLE_EQ(cosine_factor(25, 100, 0), (1 + std::sqrt(0.5)) / 2);
  EXPECT_DOUBLE_EQ(cosine_factor(50, 100, 0), 0.5);
  EXPECT_DOUBLE_EQ(cosine_factor(50, 100, 0.2), 0.6);
  EXPECT_EQ(cosine_factor(100, 100, 0.2), 0.2);
  EXPECT_EQ(cosine_factor(5000, 100, 0.2), 0.2);
}

TEST_F(Schedules, AConstantOneKeepsTheBaseRates) {
  const auto schedule = build();
  for (int i = 0; i < 100; ++i) schedule->step();
  EXPECT_EQ(rate(0), 1);
  EXPECT_EQ(rate(1), 0.25);
}

TEST_F(Schedules, AWarmUpHoldsFromTheFirstStepOn) {
  config_.warmup_steps = 3;
  const auto schedule = build();
  EXPECT_EQ(rate(), 0.25);
  schedule->step();
  EXPECT_EQ(rate(), 0.5);
  schedule->step();
  schedule->step();
  EXPECT_EQ(rate(), 1);
}

TEST_F(Schedules, GroupsKeepTheRatioOfTheirRates) {
  config_.type = ScheduleType::kCosine;
  config_.warmup_steps = 5;
  const auto schedule = build();
  for (int i = 0; i < 1100; ++i) {
    EXPECT_EQ(rate(1), 0.25 * rate(0));
    schedule->step();
  }
}

TEST_F(Schedules, AStepIsCountedInStepsOrInEpochs) {
  config_.type = ScheduleType::kStep;
  config_.step_size = 2;
  config_.factor = 0.5;
  const StepSchedule by_epoch(config_, *optimizer_, kLength);
  EXPECT_EQ(by_epoch.factor_at(19), 1);
  EXPECT_EQ(by_epoch.factor_at(20), 0.5);
  config_.interval = Interval::kStep;
  const StepSchedule by_step(config_, *optimizer_, kLength);
  EXPECT_EQ(by_step.factor_at(1), 1);
  EXPECT_EQ(by_step.factor_at(2), 0.5);
}

TEST_F(Schedules, ACosineEndsWithTheRunUnlessItHasALengthOfItsOwn) {
  config_.type = ScheduleType::kCosine;
  config_.warmup_steps = 100;
  const StepSchedule whole(config_, *optimizer_, kLength);
  EXPECT_EQ(whole.factor_at(100), 1);
  EXPECT_DOUBLE_EQ(whole.factor_at(550), 0.5);
  EXPECT_EQ(whole.factor_at(1000), 0);
  config_.total_steps = 200;
  const StepSchedule own(config_, *optimizer_, kLength);
  EXPECT_DOUBLE_EQ(own.factor_at(150), 0.5);
  EXPECT_EQ(own.factor_at(200), 0);
}

TEST_F(Schedules, ACosineWithoutAStepAfterItsWarmUpIsRefused) {
  config_.name = "decay";
  config_.type = ScheduleType::kCosine;
  config_.warmup_steps = 1000;
  EXPECT_STREQ(error_of([&] { build(); }).what(),
               "'schedules.decay.warmup_steps' leaves no step for the cosine: expected fewer than "
               "the run's 1000 steps, found 1000");
}

TEST_F(Schedules, AnEpochWithoutStepsIsRefused) {
  config_.type = ScheduleType::kStep;
  const RunLength none{0, 0};
  EXPECT_EQ(error_of([&] { build_schedule(config_, *optimizer_, none); }).kind(),
            ErrorKind::kInvalidArgument);
}

TEST_F(Schedules, OneThatIsLoadedGoesOnWithTheSameBits) {
  for (const auto type : {ScheduleType::kConstant, ScheduleType::kStep, ScheduleType::kCosine}) {
    config_.type = type;
    config_.warmup_steps = 20;
    optimizer_ = two_groups();
    const auto uninterrupted = build();
    SavedValues saved;
    std::vector<double> expected;
    for (int i = 0; i < 300; ++i) {
      if (i == 137) uninterrupted->save(saved);
      if (i >= 137) expected.push_back(rate(1));
      uninterrupted->step();
    }

    optimizer_ = two_groups();
    const auto resumed = build();
    resumed->load(saved);
    for (const double bits : expected) {
      EXPECT_EQ(rate(1), bits);
      resumed->step();
    }
  }
}

TEST_F(Schedules, APlateauReducesWhenPatienceIsSpent) {
  use_plateau(Direction::kMin);
  const auto schedule = build();
  observe(*schedule, {1.0, 0.9, 0.9});
  EXPECT_EQ(rate(), 1);
  schedule->observe(0.9);
  EXPECT_EQ(rate(0), 0.5);
  EXPECT_EQ(rate(1), 0.125);
}

TEST_F(Schedules, APlateauStartsToCountAgainAfterAnImprovement) {
  use_plateau(Direction::kMin);
  const auto schedule = build();
  observe(*schedule, {1.0, 2.0, 0.5, 2.0});
  EXPECT_EQ(rate(), 1);
}

TEST_F(Schedules, APlateauKnowsWhichDirectionIsBetter) {
  use_plateau(Direction::kMax);
  const auto schedule = build();
  observe(*schedule, {0.5, 0.6, 0.7, 0.8});
  EXPECT_EQ(rate(), 1);
  observe(*schedule, {0.8, 0.7});
  EXPECT_EQ(rate(), 0.5);
}

TEST_F(Schedules, APlateauTakesNoTinyChangeForAnImprovement) {
  use_plateau(Direction::kMax);
  config_.threshold = 0.1;
  const auto schedule = build();
  observe(*schedule, {1.0, 1.05, 1.09});
  EXPECT_EQ(rate(), 0.5);
}

TEST_F(Schedules, APlateauTakesNoInfinityForTheBest) {
  use_plateau(Direction::kMax);
  const auto schedule = build();
  observe(*schedule, {std::numeric_limits<double>::infinity(), 0.5, 0.6, 0.7});
  EXPECT_EQ(rate(), 1);
}

TEST_F(Schedules, APlateauWaitsAfterAReduction) {
  use_plateau(Direction::kMin);
  config_.cooldown = 2;
  const auto schedule = build();
  observe(*schedule, {1.0, 1.0, 1.0, 1.0, 1.0, 1.0});
  EXPECT_EQ(rate(), 0.5);
  schedule->observe(1.0);
  EXPECT_EQ(rate(), 0.25);
}

TEST_F(Schedules, APlateauHasALowestRate) {
  use_plateau(Direction::kMin);
  config_.patience = 0;
  config_.min_factor = 0.3;
  const auto schedule = build();
  observe(*schedule, {1.0, 1.0, 1.0, 1.0});
  EXPECT_EQ(rate(), 0.3);
}

TEST_F(Schedules, ForAPlateauNaNIsNeverAnImprovement) {
  use_plateau(Direction::kMin);
  const auto schedule = build();
  observe(*schedule, {kNaN, kNaN});
  EXPECT_EQ(rate(), 0.5);
  observe(*schedule, {1.0, kNaN, kNaN});
  EXPECT_EQ(rate(), 0.25);
}

TEST_F(Schedules, APlateauThatIsLoadedAtAnyMomentGoesOnTheSame) {
  use_plateau(Direction::kMin);
  config_.cooldown = 1;
  const std::vector<double> metrics = {5, 4, 4, 4, 4, 3, kNaN, 3, 3, 3, 2, 2, 2, 2, 2};
  for (std::size_t stop = 0; stop <= metrics.size(); ++stop) {
    optimizer_ = two_groups();
    const auto first = build();
    for (std::size_t i = 0; i < stop; ++i) first->observe(metrics[i]);
    SavedValues saved;
    first->save(saved);
    for (std::size_t i = stop; i < metrics.size(); ++i) first->observe(metrics[i]);
    const double expected = rate(1);

    optimizer_ = two_groups();
    const auto resumed = build();
    resumed->load(saved);
    for (std::size_t i = stop; i < metrics.size(); ++i) resumed->observe(metrics[i]);
    EXPECT_EQ(rate(1), expected) << "stopped after " << stop;
  }
}

TEST_F(Schedules, AStateThatCannotBeIsRefusedAndChangesNothing) {
  const auto schedule = build();
  SavedValues saved;
  saved.integer("step", -1);
  EXPECT_EQ(error_of([&] { schedule->load(saved); }).kind(), ErrorKind::kMismatch);
  SavedValues now;
  schedule->save(now);
  EXPECT_EQ(now.integers.at("step"), 0);
}

}  // namespace
}  // namespace holdfast::trainer
