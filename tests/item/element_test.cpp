#include <holdfast/checkpoint/item/element.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "support/files.h"
#include "support/python.h"

namespace holdfast {
namespace {

using ::testing::ElementsAre;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

std::vector<double> decoded(DType dtype, const std::vector<std::byte>& bytes) {
  std::vector<double> numbers(bytes.size() / size_of(dtype) * numbers_in(dtype));
  decode(dtype, bytes, numbers.data());
  return numbers;
}

std::vector<std::byte> encoded(DType dtype, const std::vector<double>& numbers) {
  std::vector<std::byte> bytes(numbers.size() / numbers_in(dtype) * size_of(dtype));
  encode(dtype, numbers.data(), bytes);
  return bytes;
}

// Of a type of one or two bytes.
double number_of(DType dtype, std::uint32_t bits) {
  std::vector<std::byte> bytes(size_of(dtype));
  std::memcpy(bytes.data(), &bits, bytes.size());
  return decoded(dtype, bytes)[0];
}

std::uint32_t bits_of(DType dtype, double number) {
  std::uint32_t bits = 0;
  const std::vector<std::byte> bytes = encoded(dtype, {number});
  std::memcpy(&bits, bytes.data(), bytes.size());
  return bits;
}

template <typename T>
T round_trip(DType dtype, double number) {
  T value;
  std::memcpy(&value, encoded(dtype, {number}).data(), sizeof value);
  return value;
}

bool same(double a, double b) {
  return std::isnan(a) ? std::isnan(b) : a == b && std::signbit(a) == std::signbit(b);
}

// What the papers say of a float of 8 bits, written down in another way than in the code.
struct Float8 {
  DType dtype;
  int exponent_bits, mantissa_bits, bias;
  std::vector<std::uint32_t> nans;
  std::vector<std::uint32_t> infinities;
};

const std::vector<Float8>& float8_types() {
  static const std::vector<Float8> types = {
      {DType::kFloat8E4M3FN, 4, 3, 7, {0x7F, 0xFF}, {}},
      {DType::kFloat8E5M2, 5, 2, 15, {0x7D, 0x7E, 0x7F, 0xFD, 0xFE, 0xFF}, {0x7C, 0xFC}},
      {DType::kFloat8E4M3FNUZ, 4, 3, 8, {0x80}, {}},
      {DType::kFloat8E5M2FNUZ, 5, 2, 16, {0x80}, {}},
  };
  return types;
}

bool is_in(const std::vector<std::uint32_t>& list, std::uint32_t bits) {
  return std::find(list.begin(), list.end(), bits) != list.end();
}

double by_formula(const Float8& type, std::uint32_t bits) {
  const double sign = bits & 0x80 ? -1 : 1;
  if (is_in(type.nans, bits)) return kNaN;
  if (is_in(type.infinities, bits)) return sign * kInfinity;
  const int exponent = (bits & 0x7F) >> type.mantissa_bits;
  const double fraction =
      (bits & ((1 << type.mantissa_bits) - 1)) / std::ldexp(1, type.mantissa_bits);
  return exponent == 0 ? sign * std::ldexp(fraction, 1 - type.bias)
                       : sign * std::ldexp(1 + fraction, exponent - type.bias);
}

// A float of one or two bytes with a sign, and the bits of its largest finite number.
struct SmallFloat {
  DType dtype;
  std::uint32_t largest;
  double next;  // that the format would go on with
};

const std::vector<SmallFloat>& small_floats() {
  static const std::vector<SmallFloat> types = {
      {DType::kFloat16, 0x7BFF, 65536},    {DType::kBFloat16, 0x7F7F, std::ldexp(1, 128)},
      {DType::kFloat8E4M3FN, 0x7E, 480},   {DType::kFloat8E5M2, 0x7B, 65536},
      {DType::kFloat8E4M3FNUZ, 0x7F, 256}, {DType::kFloat8E5M2FNUZ, 0x7F, 65536},
  };
  return types;
}

TEST(Element, DecodesEveryFloat16AsNumpyDoes) {
  testing::TemporaryDirectory directory;
  testing::run_python(
      "import numpy\n"
      "bits = numpy.arange(65536, dtype=numpy.uint16)\n"
      "bits.view(numpy.float16).astype(numpy.float64).tofile('" +
      directory / "numbers" + "')\n");
  const std::string bytes = testing::read_file(directory / "numbers");
  ASSERT_EQ(bytes.size(), 65536 * sizeof(double));
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    double expected;
    std::memcpy(&expected, bytes.data() + bits * sizeof expected, sizeof expected);
    ASSERT_TRUE(same(number_of(DType::kFloat16, bits), expected)) << bits;
  }
}

TEST(Element, EncodesFloat16AsNumpyDoes) {
  testing::TemporaryDirectory directory;
  testing::run_python(
      "import numpy\n"
      "random = numpy.random.default_rng(1)\n"
      "numbers = random.standard_normal(100000) * 2.0 ** random.integers(-30, 20, 100000)\n"
      "numbers.tofile('" +
      directory / "numbers" +
      "')\n"
      "with numpy.errstate(all='ignore'):\n"
      "  numbers.astype(numpy.float16).tofile('" +
      directory / "halves" + "')\n");
  const std::string numbers = testing::read_file(directory / "numbers");
  const std::string halves = testing::read_file(directory / "halves");
  std::vector<double> values(numbers.size() / sizeof(double));
  std::memcpy(values.data(), numbers.data(), numbers.size());
  const std::vector<std::byte> found = encoded(DType::kFloat16, values);
  ASSERT_EQ(found.size(), halves.size());
  EXPECT_EQ(std::memcmp(found.data(), halves.data(), halves.size()), 0);
}

TEST(Element, DecodesEveryBFloat16AsTheUpperHalfOfAFloat) {
  for (std::uint32_t bits = 0; bits < 65536; ++bits) {
    const std::uint32_t as_float = bits << 16;
    float expected;
    std::memcpy(&expected, &as_float, sizeof expected);
    ASSERT_TRUE(same(number_of(DType::kBFloat16, bits), expected)) << bits;
  }
}

TEST(Element, DecodesEveryFloat8ByItsFormula) {
  for (const Float8& type : float8_types())
    for (std::uint32_t bits = 0; bits < 256; ++bits)
      EXPECT_TRUE(same(number_of(type.dtype, bits), by_formula(type, bits)))
          << name_of(type.dtype) << " " << bits;
}

TEST(Element, KnowsTheLimitsOfTheFloat8Types) {
  EXPECT_EQ(number_of(DType::kFloat8E4M3FN, 0x7E), 448);
  EXPECT_EQ(number_of(DType::kFloat8E4M3FN, 0x01), std::ldexp(1, -9));
  EXPECT_EQ(number_of(DType::kFloat8E5M2, 0x7B), 57344);
  EXPECT_EQ(number_of(DType::kFloat8E5M2, 0x01), std::ldexp(1, -16));
  EXPECT_EQ(number_of(DType::kFloat8E4M3FNUZ, 0x7F), 240);
  EXPECT_EQ(number_of(DType::kFloat8E4M3FNUZ, 0x01), std::ldexp(1, -10));
  EXPECT_EQ(number_of(DType::kFloat8E5M2FNUZ, 0x7F), 57344);
  EXPECT_EQ(number_of(DType::kFloat8E5M2FNUZ, 0x01), std::ldexp(1, -17));
}

TEST(Element, DecodesEveryE8M0AsAPowerOfTwo) {
  for (std::uint32_t bits = 0; bits < 255; ++bits)
    EXPECT_EQ(number_of(DType::kFloat8E8M0FNU, bits), std::ldexp(1, static_cast<int>(bits) - 127));
  EXPECT_TRUE(std::isnan(number_of(DType::kFloat8E8M0FNU, 255)));
}

TEST(Element, EncodesEverySmallNumberToTheBitsItWasDecodedFrom) {
  for (const DType dtype : all_dtypes()) {
    if (size_of(dtype) > 2 || dtype == DType::kBool) continue;
    const std::uint32_t count = 1U << (8 * size_of(dtype));
    for (std::uint32_t bits = 0; bits < count; ++bits) {
      const double number = number_of(dtype, bits);
      const std::uint32_t again = bits_of(dtype, number);
      if (std::isnan(number)) {
        ASSERT_TRUE(std::isnan(number_of(dtype, again))) << name_of(dtype) << " " << bits;
      } else {
        ASSERT_EQ(again, bits) << name_of(dtype);
      }
    }
  }
}

TEST(Element, RoundsToTheNearestOfTwoNeighboursAndHalfwayToTheEvenOne) {
  for (const SmallFloat& type : small_floats()) {
    for (std::uint32_t bits = 0; bits <= type.largest; ++bits) {
      const double low = number_of(type.dtype, bits);
      const double high = bits == type.largest ? type.next : number_of(type.dtype, bits + 1);
      const double halfway = (low + high) / 2;
      ASSERT_EQ(bits_of(type.dtype, std::nextafter(halfway, low)), bits) << name_of(type.dtype);
      if (bits == type.largest) continue;
      const std::uint32_t even = bits % 2 == 0 ? bits : bits + 1;
      ASSERT_EQ(bits_of(type.dtype, halfway), even) << name_of(type.dtype);
      ASSERT_EQ(bits_of(type.dtype, std::nextafter(halfway, high)), bits + 1)
          << name_of(type.dtype);
    }
  }
}

TEST(Element, RoundsNegativeNumbersAsPositiveOnes) {
  for (const double number : {1e-12, 0.3, 1.0, 7.77, 229.0, 1e30}) {
    for (const SmallFloat& type : small_floats()) {
      const double positive = number_of(type.dtype, bits_of(type.dtype, number));
      const double negative = number_of(type.dtype, bits_of(type.dtype, -number));
      const bool without_minus_zero = positive == 0 && type.next != 480 && type.largest == 0x7F;
      EXPECT_TRUE(same(negative, without_minus_zero ? 0 : -positive)) << name_of(type.dtype);
    }
  }
}

TEST(Element, BecomesInfiniteBeyondTheLargestNumberWhereTheTypeCan) {
  for (const DType dtype : {DType::kFloat16, DType::kBFloat16, DType::kFloat8E5M2}) {
    for (const double number : {1e300, kInfinity}) {
      EXPECT_EQ(number_of(dtype, bits_of(dtype, number)), kInfinity) << name_of(dtype);
      EXPECT_EQ(number_of(dtype, bits_of(dtype, -number)), -kInfinity) << name_of(dtype);
    }
  }
  EXPECT_EQ(bits_of(DType::kFloat16, 65520), 0x7C00u);  // halfway to 2^16
  EXPECT_EQ(bits_of(DType::kFloat8E5M2, 61440), 0x7Cu);
  EXPECT_EQ(round_trip<float>(DType::kFloat32, 1e300), std::numeric_limits<float>::infinity());
}

// c10/util/Float8_*.h.
TEST(Element, BecomesNaNBeyondTheLargestNumberWhereTheTypeHasNoInfinity) {
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FN, 464), 0x7Eu) << "halfway to 480, and 448 is even";
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FN, 464.1), 0x7Fu);
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FN, -1e9), 0xFFu);
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FN, kInfinity), 0x7Fu);
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FNUZ, 247.9), 0x7Fu);
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FNUZ, 248), 0x80u);
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FNUZ, -248), 0x80u);
  EXPECT_EQ(bits_of(DType::kFloat8E5M2FNUZ, -kInfinity), 0x80u);
  EXPECT_EQ(bits_of(DType::kFloat8E5M2FNUZ, 61440), 0x80u);
}

TEST(Element, KeepsNaNAndItsSignWhereThereIsOne) {
  for (const SmallFloat& type : small_floats())
    EXPECT_TRUE(std::isnan(number_of(type.dtype, bits_of(type.dtype, kNaN))));
  EXPECT_EQ(bits_of(DType::kFloat16, -kNaN), 0xFE00u);
  EXPECT_EQ(bits_of(DType::kBFloat16, kNaN), 0x7FC0u);
  EXPECT_EQ(bits_of(DType::kFloat8E5M2, kNaN), 0x7Fu);
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FNUZ, kNaN), 0x80u);
}

TEST(Element, HasNoMinusZeroInTheTypesWithoutIt) {
  EXPECT_EQ(bits_of(DType::kFloat8E4M3FNUZ, -0.0), 0u);
  EXPECT_EQ(bits_of(DType::kFloat8E5M2FNUZ, -1e-30), 0u);
  EXPECT_EQ(bits_of(DType::kFloat8E5M2, -0.0), 0x80u);
  EXPECT_EQ(bits_of(DType::kFloat16, -1e-30), 0x8000u);
}

TEST(Element, RoundsToThePowersOfTwoOfE8M0) {
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, 1), 127u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, 1.4999), 127u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, 1.5), 128u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, -4), 129u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, 0), 0u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, 1e-300), 0u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, std::ldexp(1.4, 127)), 254u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, std::ldexp(1.5, 127)), 255u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, kInfinity), 255u);
  EXPECT_EQ(bits_of(DType::kFloat8E8M0FNU, kNaN), 255u);
}

TEST(Element, DecodesIntegersExactlyAsFarAsADoubleCan) {
  const auto number = [](DType dtype, auto value) {
    std::vector<std::byte> bytes(sizeof value);
    std::memcpy(bytes.data(), &value, sizeof value);
    return decoded(dtype, bytes)[0];
  };
  EXPECT_EQ(number(DType::kInt8, std::int8_t{-128}), -128);
  EXPECT_EQ(number(DType::kUInt8, std::uint8_t{255}), 255);
  EXPECT_EQ(number(DType::kInt32, std::int32_t{-2147483647}), -2147483647.0);
  EXPECT_EQ(number(DType::kUInt32, std::uint32_t{4294967295}), 4294967295.0);
  EXPECT_EQ(number(DType::kInt64, std::int64_t{1} << 53), 9007199254740992.0);
  EXPECT_EQ(number(DType::kInt64, (std::int64_t{1} << 53) + 1), 9007199254740992.0);
  EXPECT_EQ(number(DType::kUInt64, ~std::uint64_t{0}), std::ldexp(1, 64));
}

TEST(Element, RoundsIntegersToTheEvenAndStopsAtTheLastOne) {
  EXPECT_EQ(round_trip<std::int32_t>(DType::kInt32, 2.5), 2);
  EXPECT_EQ(round_trip<std::int32_t>(DType::kInt32, -3.5), -4);
  EXPECT_EQ(round_trip<std::int8_t>(DType::kInt8, 127.6), 127);
  EXPECT_EQ(round_trip<std::int8_t>(DType::kInt8, -1e9), -128);
  EXPECT_EQ(round_trip<std::uint16_t>(DType::kUInt16, -1), 0);
  EXPECT_EQ(round_trip<std::int64_t>(DType::kInt64, 1e300),
            std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(round_trip<std::int64_t>(DType::kInt64, -kInfinity),
            std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(round_trip<std::uint64_t>(DType::kUInt64, std::ldexp(1, 64)), ~std::uint64_t{0});
  EXPECT_EQ(round_trip<std::uint64_t>(DType::kUInt64, kNaN), 0u);
}

TEST(Element, IsTrueUnlessItIsZero) {
  EXPECT_EQ(bits_of(DType::kBool, 0.1), 1u);
  EXPECT_EQ(bits_of(DType::kBool, -0.0), 0u);
  EXPECT_EQ(number_of(DType::kBool, 1), 1);
  EXPECT_EQ(number_of(DType::kBool, 7), 1);
}

TEST(Element, HasTwoNumbersWhereItIsComplex) {
  EXPECT_EQ(numbers_in(DType::kComplex64), 2u);
  EXPECT_EQ(numbers_in(DType::kComplex128), 2u);
  EXPECT_EQ(numbers_in(DType::kFloat64), 1u);
  for (const DType dtype : {DType::kComplex64, DType::kComplex128}) {
    const std::vector<std::byte> bytes = encoded(dtype, {1.5, -2, 0, kInfinity});
    EXPECT_EQ(bytes.size(), 2 * size_of(dtype));
    EXPECT_THAT(decoded(dtype, bytes), ElementsAre(1.5, -2, 0, kInfinity));
  }
}

}  // namespace
}  // namespace holdfast
