#include <holdfast/text/units.h>

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace holdfast::text {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
const double kNotANumber = std::nan("");

TEST(Units, GroupTheDigitsOfCounts) {
  EXPECT_EQ(format_count(0), "0");
  EXPECT_EQ(format_count(999), "999");
  EXPECT_EQ(format_count(1000), "1,000");
  EXPECT_EQ(format_count(1234567), "1,234,567");
  EXPECT_EQ(format_count(-100), "-100");
  EXPECT_EQ(format_count(-1000), "-1,000");
}

TEST(Units, ShowDurationsInTheTwoUnitsThatMatter) {
  EXPECT_EQ(format_duration(0), "0.00 s");
  EXPECT_EQ(format_duration(0.123), "0.12 s");
  EXPECT_EQ(format_duration(9.994), "9.99 s");
  EXPECT_EQ(format_duration(9.996), "10 s");
  EXPECT_EQ(format_duration(59.4), "59 s");
  EXPECT_EQ(format_duration(59.6), "1 min");
  EXPECT_EQ(format_duration(80), "1 min 20 s");
  EXPECT_EQ(format_duration(3600), "1 h");
  EXPECT_EQ(format_duration(7530), "2 h 5 min");
  EXPECT_EQ(format_duration(86400 * 3 + 3600 * 4), "3 d 4 h");
}

TEST(Units, RoundAnEtaUpToWholeSeconds) {
  EXPECT_EQ(format_eta(0), "0 s");
  EXPECT_EQ(format_eta(0.01), "1 s");
  EXPECT_EQ(format_eta(59.2), "1 min");
  EXPECT_EQ(format_eta(79.5), "1 min 20 s");
}

TEST(Units, ShowBytesInTheLargestUnitThatFits) {
  EXPECT_EQ(format_bytes(0), "0 B");
  EXPECT_EQ(format_bytes(512), "512 B");
  EXPECT_EQ(format_bytes(1023), "1023 B");
  EXPECT_EQ(format_bytes(1024), "1.0 KiB");
  EXPECT_EQ(format_bytes(1024 * 1024 - 1), "1.0 MiB");
  EXPECT_EQ(format_bytes(10.3 * 1024 * 1024), "10.3 MiB");
  EXPECT_EQ(format_bytes(5.0 * (1LL << 50)), "5.0 PiB");
}

TEST(Units, ShowRatesWithADecimalOnlyWhereItMatters) {
  EXPECT_EQ(format_rate(0), "0.0 samples/s");
  EXPECT_EQ(format_rate(3.21), "3.2 samples/s");
  EXPECT_EQ(format_rate(99.96), "100 samples/s");
  EXPECT_EQ(format_rate(12345.4), "12,345 samples/s");
}

TEST(Units, ShowFractionsAsPercent) {
  EXPECT_EQ(format_percent(0.8871), "88.71 %");
  EXPECT_EQ(format_percent(1), "100.00 %");
}

TEST(Units, ShowLossesOfAnySize) {
  EXPECT_EQ(format_loss(0.43214), "0.4321");
  EXPECT_EQ(format_loss(-2.5), "-2.5000");
  EXPECT_EQ(format_loss(123456), "1.235e+05");
  EXPECT_EQ(format_loss(kNotANumber), "nan");
  EXPECT_EQ(format_loss(-kNotANumber), "nan");
  EXPECT_EQ(format_loss(kInfinity), "inf");
}

TEST(Units, AMetricHasItsFirstDigitsHoweverSmallItIs) {
  EXPECT_EQ(format_metric(0.875), "0.875");
  EXPECT_EQ(format_metric(0.123456), "0.12346");
  EXPECT_EQ(format_metric(3e-05), "3e-05");
  EXPECT_EQ(format_metric(-123456), "-1.2346e+05");
  EXPECT_EQ(format_metric(-kNotANumber), "nan");
  EXPECT_EQ(format_metric(-kInfinity), "-inf");
}

TEST(Units, SayThatTheyDoNotKnow) {
  for (const double value : {-1.0, kInfinity, kNotANumber, 1e300}) {
    EXPECT_EQ(format_duration(value), "?");
    EXPECT_EQ(format_eta(value), "?");
    EXPECT_EQ(format_bytes(value), "?");
    EXPECT_EQ(format_rate(value), "?");
    EXPECT_EQ(format_percent(value), "?");
  }
}

TEST(Units, GiveShortDurationsThreeDigits) {
  EXPECT_EQ(format_short_duration(0), "0 µs");
  EXPECT_EQ(format_short_duration(0.00048), "480 µs");
  EXPECT_EQ(format_short_duration(0.0012345), "1.23 ms");
  EXPECT_EQ(format_short_duration(0.012345), "12.3 ms");
  EXPECT_EQ(format_short_duration(0.12345), "123 ms");
  EXPECT_EQ(format_short_duration(0.99999), "1.00 s");
  EXPECT_EQ(format_short_duration(80), "1 min 20 s");
  EXPECT_EQ(format_short_duration(-1), "?");
  EXPECT_EQ(format_short_duration(kNotANumber), "?");
}

}  // namespace
}  // namespace holdfast::text
