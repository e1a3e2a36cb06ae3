#include <holdfast/checkpoint/run/save_schedule.h>

#include <gtest/gtest.h>

namespace holdfast {
namespace {

using std::chrono::seconds;

constexpr SaveSchedule::Clock::time_point kStart{};

TEST(SaveSchedule, IsDueWhenAMultipleWasReachedOrPassed) {
  SaveSchedule schedule(10, seconds(0), kStart);
  EXPECT_FALSE(schedule.is_due(9, kStart));
  EXPECT_TRUE(schedule.is_due(10, kStart));
  EXPECT_TRUE(schedule.is_due(12, kStart)) << "it stays due until it is saved";
  schedule.begin_anew(12, kStart);
  EXPECT_FALSE(schedule.is_due(19, kStart));
  EXPECT_TRUE(schedule.is_due(21, kStart));
  EXPECT_TRUE(schedule.is_due(45, kStart));
}

TEST(SaveSchedule, IsDueAtStepZeroOnlyAtTheBeginning) {
  SaveSchedule schedule(10, seconds(0), kStart);
  EXPECT_TRUE(schedule.is_due(0, kStart));
  schedule.begin_anew(0, kStart);
  EXPECT_FALSE(schedule.is_due(0, kStart));
}

TEST(SaveSchedule, IsDueWhenTheTimeIsOver) {
  SaveSchedule schedule(0, seconds(60), kStart);
  EXPECT_FALSE(schedule.is_due(1000, kStart + seconds(59)));
  EXPECT_TRUE(schedule.is_due(1, kStart + seconds(60)));
  schedule.begin_anew(1, kStart + seconds(60));
  EXPECT_FALSE(schedule.is_due(2, kStart + seconds(119)));
  EXPECT_TRUE(schedule.is_due(2, kStart + seconds(120)));
}

TEST(SaveSchedule, IsDueByEitherRule) {
  const SaveSchedule schedule(10, seconds(60), kStart);
  EXPECT_TRUE(schedule.is_due(10, kStart));
  EXPECT_TRUE(schedule.is_due(1, kStart + seconds(60)));
  EXPECT_FALSE(schedule.is_due(1, kStart));
}

TEST(SaveSchedule, IsNeverDueWithoutARule) {
  const SaveSchedule schedule(0, seconds(0), kStart);
  EXPECT_FALSE(schedule.is_due(0, kStart));
  EXPECT_FALSE(schedule.is_due(1'000'000, kStart + seconds(1'000'000)));
}

}  // namespace
}  // namespace holdfast
