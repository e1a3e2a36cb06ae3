#include <holdfast/checkpoint/item/element.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace holdfast {
namespace {

// IEEE 754 binary64.
constexpr int kDoubleMantissaBits = 52;
constexpr int kDoubleBias = 1023;
constexpr std::uint64_t kDoubleMantissa = (std::uint64_t{1} << kDoubleMantissaBits) - 1;
constexpr int kDoubleExponent = 0x7FF;

double double_of(std::uint64_t bits) {
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

std::uint64_t bits_of(double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

constexpr double power_of_two(int exponent) {
  double power = 1;
  for (; exponent > 0; --exponent) power *= 2;
  for (; exponent < 0; ++exponent) power /= 2;
  return power;
}

// A floating-point type of 16 or 8 bits: a sign, an exponent, a mantissa, from the top.
struct SmallFloat {
  int bits;
  int mantissa_bits;
  int bias;
  std::uint32_t largest;   // the largest finite number
  std::uint32_t overflow;  // what a larger number becomes
  std::uint32_t nan;
  bool nan_is_minus_zero;  // 0x80 is the only NaN, and there is no negative zero
};

constexpr SmallFloat kFloat16{16, 10, 15, 0x7BFF, 0x7C00, 0x7E00, false};
constexpr SmallFloat kBFloat16{16, 7, 127, 0x7F7F, 0x7F80, 0x7FC0, false};
constexpr SmallFloat kE5M2{8, 2, 15, 0x7B, 0x7C, 0x7F, false};
constexpr SmallFloat kE4M3FN{8, 3, 7, 0x7E, 0x7F, 0x7F, false};
constexpr SmallFloat kE5M2FNUZ{8, 2, 16, 0x7F, 0x80, 0x80, true};
constexpr SmallFloat kE4M3FNUZ{8, 3, 8, 0x7F, 0x80, 0x80, true};

constexpr std::uint32_t sign_of(const SmallFloat& type) {
  return std::uint32_t{1} << (type.bits - 1);
}

double beyond_largest(const SmallFloat& type, std::uint32_t magnitude) {
  const bool is_infinity = magnitude == type.overflow && type.overflow != type.nan;
  return is_infinity ? std::numeric_limits<double>::infinity()
                     : std::numeric_limits<double>::quiet_NaN();
}

template <const SmallFloat& kType>
double decode_small(std::uint32_t bits) {
  constexpr double kSmallest = power_of_two(1 - kType.bias - kType.mantissa_bits);
  constexpr std::uint64_t kBiasChange = kDoubleBias - kType.bias;
  const std::uint32_t magnitude = bits & ~sign_of(kType);
  const bool negative = magnitude != bits;
  if (kType.nan_is_minus_zero && bits == kType.nan) return beyond_largest(kType, bits);
  double value = magnitude * kSmallest;  // right for zero and subnormal numbers
  if (magnitude > kType.largest) {
    value = beyond_largest(kType, magnitude);
  } else if (magnitude >> kType.mantissa_bits != 0) {
    const int shift = kDoubleMantissaBits - kType.mantissa_bits;
    value = double_of((std::uint64_t{magnitude} << shift) + (kBiasChange << kDoubleMantissaBits));
  }
  return negative ? -value : value;
}

// significand / 2^drop, rounded to the nearest integer, ties to even. significand < 2^53, drop > 0.
std::uint64_t round_off(std::uint64_t significand, int drop) {
  if (drop > kDoubleMantissaBits + 2) return 0;
  const std::uint64_t odd = significand >> drop & 1;
  return (significand + (std::uint64_t{1} << (drop - 1)) - 1 + odd) >> drop;
}

// The magnitude of a finite double, rounded to the bits of the small type as if that had no largest
// number.
std::uint64_t round_magnitude(const SmallFloat& type, std::uint64_t bits) {
  const int biased = static_cast<int>(bits >> kDoubleMantissaBits) & kDoubleExponent;
  if (biased == 0) return 0;  // below half of the smallest number of any small type
  const int above_lowest = biased - kDoubleBias - (1 - type.bias);  // below 0: subnormal
  const std::uint64_t significand = (bits & kDoubleMantissa) | (kDoubleMantissa + 1);
  const int drop = kDoubleMantissaBits - type.mantissa_bits + std::max(0, -above_lowest);
  return round_off(significand, drop) +
         (static_cast<std::uint64_t>(std::max(0, above_lowest)) << type.mantissa_bits);
}

template <const SmallFloat& kType>
std::uint32_t encode_small(double value) {
  const std::uint32_t sign = std::signbit(value) ? sign_of(kType) : 0;
  if (std::isnan(value)) return kType.nan | sign;
  const std::uint64_t magnitude =
      std::isinf(value) ? kType.largest + 1 : round_magnitude(kType, bits_of(value));
  if (magnitude > kType.largest) return kType.overflow | sign;
  if (kType.nan_is_minus_zero && magnitude == 0) return 0;
  return static_cast<std::uint32_t>(magnitude) | sign;
}

constexpr int kE8M0Bias = 127;
constexpr int kE8M0NaN = 0xFF;

double decode_e8m0(std::uint8_t bits) {
  if (bits == kE8M0NaN) return std::numeric_limits<double>::quiet_NaN();
  return double_of(static_cast<std::uint64_t>(bits - kE8M0Bias + kDoubleBias)
                   << kDoubleMantissaBits);
}

std::uint8_t encode_e8m0(double value) {
  if (!std::isfinite(value)) return kE8M0NaN;
  const std::uint64_t bits = bits_of(std::fabs(value));
  const auto halfway_up = static_cast<int>(bits >> (kDoubleMantissaBits - 1) & 1);
  const int exponent = static_cast<int>(bits >> kDoubleMantissaBits) - kDoubleBias + halfway_up;
  return static_cast<std::uint8_t>(std::clamp(exponent + kE8M0Bias, 0, kE8M0NaN));
}

template <typename Integer>
Integer nearest(double value) {
  using Limits = std::numeric_limits<Integer>;
  constexpr double kBeyond = power_of_two(Limits::digits);
  if (std::isnan(value)) return 0;
  const double rounded = std::nearbyint(value);
  if (rounded <= static_cast<double>(Limits::min())) return Limits::min();
  return rounded >= kBeyond ? Limits::max() : static_cast<Integer>(rounded);
}

template <typename Stored, typename Convert>
void decode_each(ByteView elements, double* numbers, Convert convert) {
  const std::size_t count = elements.size / sizeof(Stored);
  for (std::size_t i = 0; i < count; ++i) {
    Stored stored;
    std::memcpy(&stored, elements.data + i * sizeof stored, sizeof stored);
    numbers[i] = convert(stored);
  }
}

template <typename Stored>
void decode_plain(ByteView elements, double* numbers) {
  decode_each<Stored>(elements, numbers, [](Stored value) { return static_cast<double>(value); });
}

template <typename Stored, typename Convert>
void encode_each(const double* numbers, ByteSpan elements, Convert convert) {
  const std::size_t count = elements.size / sizeof(Stored);
  for (std::size_t i = 0; i < count; ++i) {
    const auto stored = static_cast<Stored>(convert(numbers[i]));
    std::memcpy(elements.data + i * sizeof stored, &stored, sizeof stored);
  }
}

template <typename Integer>
void encode_integers(const double* numbers, ByteSpan elements) {
  encode_each<Integer>(numbers, elements, nearest<Integer>);
}

double same(double value) {
  return value;
}

}  // namespace

std::size_t numbers_in(DType dtype) {
  return dtype == DType::kComplex64 || dtype == DType::kComplex128 ? 2 : 1;
}

void decode(DType dtype, ByteView elements, double* numbers) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kComplex64:
      return decode_plain<float>(elements, numbers);
    case DType::kFloat64:
    case DType::kComplex128:
      return decode_plain<double>(elements, numbers);
    case DType::kFloat16:
      return decode_each<std::uint16_t>(elements, numbers, decode_small<kFloat16>);
    case DType::kBFloat16:
      return decode_each<std::uint16_t>(elements, numbers, decode_small<kBFloat16>);
    case DType::kBool:
      return decode_each<std::uint8_t>(elements, numbers, [](auto byte) { return byte != 0; });
    case DType::kInt8:
      return decode_plain<std::int8_t>(elements, numbers);
    case DType::kInt16:
      return decode_plain<std::int16_t>(elements, numbers);
    case DType::kInt32:
      return decode_plain<std::int32_t>(elements, numbers);
    case DType::kInt64:
      return decode_plain<std::int64_t>(elements, numbers);
    case DType::kUInt8:
      return decode_plain<std::uint8_t>(elements, numbers);
    case DType::kUInt16:
      return decode_plain<std::uint16_t>(elements, numbers);
    case DType::kUInt32:
      return decode_plain<std::uint32_t>(elements, numbers);
    case DType::kUInt64:
      return decode_plain<std::uint64_t>(elements, numbers);
    case DType::kFloat8E4M3FN:
      return decode_each<std::uint8_t>(elements, numbers, decode_small<kE4M3FN>);
    case DType::kFloat8E5M2:
      return decode_each<std::uint8_t>(elements, numbers, decode_small<kE5M2>);
    case DType::kFloat8E4M3FNUZ:
      return decode_each<std::uint8_t>(elements, numbers, decode_small<kE4M3FNUZ>);
    case DType::kFloat8E5M2FNUZ:
      return decode_each<std::uint8_t>(elements, numbers, decode_small<kE5M2FNUZ>);
    case DType::kFloat8E8M0FNU:
      return decode_each<std::uint8_t>(elements, numbers, decode_e8m0);
  }
}

void encode(DType dtype, const double* numbers, ByteSpan elements) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kComplex64:
      return encode_each<float>(numbers, elements, same);
    case DType::kFloat64:
    case DType::kComplex128:
      return encode_each<double>(numbers, elements, same);
    case DType::kFloat16:
      return encode_each<std::uint16_t>(numbers, elements, encode_small<kFloat16>);
    case DType::kBFloat16:
      return encode_each<std::uint16_t>(numbers, elements, encode_small<kBFloat16>);
    case DType::kBool:
      return encode_each<std::uint8_t>(numbers, elements, [](double value) { return value != 0; });
    case DType::kInt8:
      return encode_integers<std::int8_t>(numbers, elements);
    case DType::kInt16:
      return encode_integers<std::int16_t>(numbers, elements);
    case DType::kInt32:
      return encode_integers<std::int32_t>(numbers, elements);
    case DType::kInt64:
      return encode_integers<std::int64_t>(numbers, elements);
    case DType::kUInt8:
      return encode_integers<std::uint8_t>(numbers, elements);
    case DType::kUInt16:
      return encode_integers<std::uint16_t>(numbers, elements);
    case DType::kUInt32:
      return encode_integers<std::uint32_t>(numbers, elements);
    case DType::kUInt64:
      return encode_integers<std::uint64_t>(numbers, elements);
    case DType::kFloat8E4M3FN:
      return encode_each<std::uint8_t>(numbers, elements, encode_small<kE4M3FN>);
    case DType::kFloat8E5M2:
      return encode_each<std::uint8_t>(numbers, elements, encode_small<kE5M2>);
    case DType::kFloat8E4M3FNUZ:
      return encode_each<std::uint8_t>(numbers, elements, encode_small<kE4M3FNUZ>);
    case DType::kFloat8E5M2FNUZ:
      return encode_each<std::uint8_t>(numbers, elements, encode_small<kE5M2FNUZ>);
    case DType::kFloat8E8M0FNU:
      return encode_each<std::uint8_t>(numbers, elements, encode_e8m0);
  }
}

}  // namespace holdfast
