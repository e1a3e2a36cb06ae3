#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <holdfast/checkpoint/base/time.h>

namespace holdfast {
namespace {

std::string at_milliseconds(std::int64_t count) {
  return to_utc(std::chrono::system_clock::time_point(std::chrono::milliseconds(count)));
}

TEST(Time, IsUtcWithMilliseconds) {
  EXPECT_EQ(at_milliseconds(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(at_milliseconds(1769860800123), "2026-01-31T12:00:00.123Z");
  EXPECT_EQ(at_milliseconds(1709251199007), "2024-02-29T23:59:59.007Z");
}

TEST(Time, SortsAsTextInTheOrderOfTime) {
  EXPECT_LT(at_milliseconds(999), at_milliseconds(1000));
  EXPECT_LT(at_milliseconds(1009), at_milliseconds(1010));
}

TEST(Time, NowHasTheSameForm) {
  EXPECT_THAT(utc_now(), ::testing::MatchesRegex("20[0-9]{2}-[01][0-9]-[0-3][0-9]T"
                                                 "[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\\.[0-9]{3}Z"));
}

TEST(Time, IsToldFromAnyOtherText) {
  EXPECT_TRUE(is_utc(utc_now()));
  for (const char* const text :
       {"", "2026-01-31", "2026-01-31T12:00:00.000", "2026-01-31T12:00:00.000Z ",
        "2026-01-31 12:00:00.000Z", "2026-01-31T12:00:00.00<Z", "<script>alert(1)</script>"})
    EXPECT_FALSE(is_utc(text)) << text;
}

}  // namespace
}  // namespace holdfast
