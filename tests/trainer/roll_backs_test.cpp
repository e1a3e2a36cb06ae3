// How often, and to which checkpoint, a run goes back after a loss that is not finite.
#include <holdfast/trainer/roll_backs.h>

#include <gtest/gtest.h>

namespace holdfast::trainer {
namespace {

TEST(RollBacks, AreLimitedWhileTheRunGetsNoFurther) {
  RollBacks roll_backs(2);
  EXPECT_TRUE(roll_backs.allows(50));
  EXPECT_TRUE(roll_backs.allows(50));
  EXPECT_FALSE(roll_backs.allows(50));
  EXPECT_FALSE(roll_backs.allows(49)) << "a failure before the furthest one is no progress";
}

TEST(RollBacks, AreCountedAnewOnceTheRunGotFurther) {
  RollBacks roll_backs(1);
  EXPECT_TRUE(roll_backs.allows(50));
  EXPECT_TRUE(roll_backs.allows(51));
  EXPECT_FALSE(roll_backs.allows(51));
}

TEST(RollBacks, AreNotLimitedByAMostOfZero) {
  RollBacks roll_backs(0);
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(roll_backs.allows(50));
}

TEST(RollBacks, AvoidACheckpointWhoseNextStepFailsAgain) {
  RollBacks roll_backs(0);
  EXPECT_EQ(roll_backs.bad_checkpoint(41), -1) << "nothing to blame before the first roll-back";
  roll_backs.went_back_to(40);
  EXPECT_EQ(roll_backs.bad_checkpoint(42), -1) << "the checkpoint has led one good step further";
  EXPECT_EQ(roll_backs.bad_checkpoint(41), 40);
  roll_backs.went_back_to(30);
  EXPECT_EQ(roll_backs.bad_checkpoint(41), -1);
}

}  // namespace
}  // namespace holdfast::trainer
