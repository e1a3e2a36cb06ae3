#include <gtest/gtest.h>
#include <holdfast/checkpoint/base/time.h>

#include <regex>

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
  const std::regex form(R"(20\d\d-[01]\d-[0-3]\dT[0-2]\d:[0-5]\d:[0-6]\d\.\d{3}Z)");
  EXPECT_TRUE(std::regex_match(utc_now(), form)) << utc_now();
}

}  // namespace
}  // namespace holdfast
