#include <holdfast/trainer/rate_meter.h>

#include <gtest/gtest.h>

namespace holdfast::trainer {
namespace {

TEST(RateMeterTest, KnowsNothingBeforeTwoMarks) {
  RateMeter meter;
  EXPECT_FALSE(meter.steps_per_second());
  meter.mark(5, 100, 12800);
  EXPECT_FALSE(meter.samples_per_second());
  meter.mark(5, 101, 12928);
  EXPECT_FALSE(meter.samples_per_second()) << "no time has passed";
}

TEST(RateMeterTest, CountsFromTheFirstMarkNotFromZero) {
  RateMeter meter;
  meter.mark(5, 100, 12800);
  meter.mark(7, 110, 14080);
  EXPECT_DOUBLE_EQ(*meter.steps_per_second(), 5);
  EXPECT_DOUBLE_EQ(*meter.samples_per_second(), 640);
}

TEST(RateMeterTest, ForgetsWhatIsLongAgo) {
  RateMeter meter;
  for (int second = 0; second <= 100; ++second) meter.mark(second, second, 0);
  for (int second = 101; second <= 120; ++second) meter.mark(second, 100 + 7 * (second - 100), 0);
  EXPECT_DOUBLE_EQ(*meter.steps_per_second(), 7);
}

TEST(RateMeterTest, SpansMarksThatAreFartherApartThanItsWindow) {
  RateMeter meter;
  meter.mark(0, 0, 0);
  meter.mark(60, 1, 128);
  meter.mark(120, 2, 256);
  EXPECT_DOUBLE_EQ(*meter.steps_per_second(), 1.0 / 60);
}

TEST(RateMeterTest, CountsEveryStepHoweverShort) {
  RateMeter meter;
  for (int step = 0; step <= 50'000; ++step) meter.mark(step / 10'000.0, step, step);
  EXPECT_NEAR(*meter.steps_per_second(), 10'000, 1);
}

}  // namespace
}  // namespace holdfast::trainer
