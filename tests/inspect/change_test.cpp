#include <holdfast/checkpoint/inspect/change.h>

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdint>
#include <limits>
#include <vector>

#include "support/items.h"

namespace holdfast {
namespace {

using testing::bytes_of;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

template <typename T>
Change change(DType dtype, const std::vector<T>& a, const std::vector<T>& b) {
  return change_between(dtype, bytes_of(a), bytes_of(b));
}

Change change_of_doubles(const std::vector<double>& a, const std::vector<double>& b) {
  return change(DType::kFloat64, a, b);
}

TEST(Change, IsNoneBetweenTheSameBits) {
  EXPECT_EQ(change_of_doubles({1, kNaN, -0.0}, {1, kNaN, -0.0}), Change());
  EXPECT_EQ(change_of_doubles({}, {}), Change());
}

TEST(Change, CountsTheElementsThatDifferAndFindsTheFirst) {
  std::vector<double> a(3000, 1.0), b = a;
  for (const std::size_t i : {1500, 1501, 2999}) b[i] = 1.5;
  const Change found = change_of_doubles(a, b);
  EXPECT_EQ(found.differing, 3u);
  EXPECT_EQ(found.first_differing, 1500u);
}

TEST(Change, HasTheLargestAbsoluteAndTheLargestRelativeDifference) {
  const Change found = change_of_doubles({100, 1, 5}, {108, 3, 5});
  EXPECT_EQ(found.largest_absolute, 8);
  EXPECT_EQ(found.largest_relative, 2.0 / 3);
}

TEST(Change, IsRelativeToTheLargerOfTheTwo) {
  EXPECT_EQ(change_of_doubles({0}, {3}).largest_relative, 1);
  EXPECT_EQ(change_of_doubles({-3}, {3}).largest_relative, 2);
}

TEST(Change, CountsNaNsThatAreGoneAndThoseThatAreInBoth) {
  const Change found = change_of_doubles({kNaN, kNaN, 1}, {1, -kNaN, 2});
  EXPECT_EQ(found.differing, 3u);
  EXPECT_EQ(found.gone_nans, 1u);
  EXPECT_EQ(found.new_nans, 0u);
  EXPECT_EQ(found.bits_only, 1u);
}

TEST(Change, OfZeroToMinusZeroIsOfBitsOnly) {
  const Change found = change_of_doubles({0.0}, {-0.0});
  EXPECT_EQ(found.differing, 1u);
  EXPECT_EQ(found.bits_only, 1u);
  EXPECT_EQ(found.largest_absolute, 0);
  EXPECT_EQ(found.largest_relative, 0);
}

TEST(Change, CountsNaNsThatAreNew) {
  const Change found = change_of_doubles({1, kNaN, kNaN, 4}, {kNaN, 2, kNaN, 5});
  EXPECT_EQ(found.differing, 3u);
  EXPECT_EQ(found.new_nans, 1u);
  EXPECT_EQ(found.largest_absolute, 1) << "a NaN is no distance";
}

TEST(Change, ToAnInfinityIsInfinite) {
  const Change found = change_of_doubles({1}, {kInfinity});
  EXPECT_EQ(found.largest_absolute, kInfinity);
  EXPECT_EQ(found.largest_relative, kInfinity);
  EXPECT_EQ(change_of_doubles({-kInfinity}, {kInfinity}).largest_absolute, kInfinity);
}

TEST(Change, OfComplexNumbersIsTheModulus) {
  using Complex = std::complex<double>;
  const auto found = change<Complex>(DType::kComplex128, {{1, 1}, {3, 4}}, {{1, 1}, {0, 0}});
  EXPECT_EQ(found.differing, 1u);
  EXPECT_EQ(found.first_differing, 1u);
  EXPECT_EQ(found.largest_absolute, 5);
  EXPECT_EQ(found.largest_relative, 1);
  const auto infinite = change<Complex>(DType::kComplex128, {{kInfinity, 1}}, {{kInfinity, 2}});
  EXPECT_EQ(infinite.largest_absolute, 1);
  const auto nan = change<Complex>(DType::kComplex128, {{1, 1}}, {{1, kNaN}});
  EXPECT_EQ(nan.new_nans, 1u);
}

TEST(Change, OfLargeIntegersIsNeverZero) {
  constexpr std::int64_t kLarge = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(change<std::int64_t>(DType::kInt64, {kLarge}, {kLarge - 1}).largest_absolute, 1);
  EXPECT_EQ(change<std::int64_t>(DType::kInt64, {-kLarge}, {-kLarge + 3}).largest_absolute, 3);
  EXPECT_EQ(change<std::int64_t>(DType::kInt64, {-kLarge - 1}, {kLarge}).largest_absolute,
            std::ldexp(1, 64));
  EXPECT_EQ(change<std::uint64_t>(DType::kUInt64, {~std::uint64_t{0}}, {~std::uint64_t{1}})
                .largest_absolute,
            1);
}

TEST(Change, OfSmallFloatsIsThatOfTheirNumbers) {
  EXPECT_EQ(change<std::uint8_t>(DType::kFloat8E4M3FN, {0x7E}, {0xFE}).largest_absolute, 896);
  EXPECT_EQ(change<std::uint8_t>(DType::kFloat8E5M2, {0x3C}, {0x7F}).new_nans, 1u);
  EXPECT_EQ(change<std::uint16_t>(DType::kBFloat16, {0x3F80}, {0x4000}).largest_absolute, 1);
  EXPECT_EQ(change<std::uint8_t>(DType::kBool, {0, 1}, {1, 1}).differing, 1u);
}

TEST(Change, OfTwoPartsIsThatOfTheWhole) {
  std::vector<double> a(100), b(100);
  for (int i = 0; i < 100; ++i) b[static_cast<std::size_t>(i)] = i % 7 == 3 ? i : 0;
  for (const std::size_t cut : {0, 3, 4, 50, 100}) {
    const auto split = static_cast<std::ptrdiff_t>(cut);
    Change found = change_of_doubles({a.begin() + split, a.end()}, {b.begin() + split, b.end()});
    Change sum;
    add(sum, found, cut);
    add(sum, change_of_doubles({a.begin(), a.begin() + split}, {b.begin(), b.begin() + split}), 0);
    EXPECT_EQ(sum, change_of_doubles(a, b)) << cut;
  }
}

}  // namespace
}  // namespace holdfast
