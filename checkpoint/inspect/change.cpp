#include <holdfast/checkpoint/inspect/change.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstring>

#include <holdfast/checkpoint/item/element.h>

namespace holdfast {
namespace {

constexpr std::size_t kAtOnce = 512;  // elements that are decoded at a time

using Numbers = std::array<double, 2 * kAtOnce>;  // a complex element takes two
using Doubles = std::array<double, kAtOnce>;

// The same few elements of both states, as numbers.
struct Decoded {
  std::size_t count;
  std::size_t each;  // how many numbers an element has: 2 if it is complex, else 1
  Numbers a, b;
};

template <typename Integer>
void subtract(ByteView a, ByteView b, Doubles& distances) {
  for (std::size_t i = 0; i < a.size / sizeof(Integer); ++i) {
    Integer x, y;
    std::memcpy(&x, a.data + i * sizeof x, sizeof x);
    std::memcpy(&y, b.data + i * sizeof y, sizeof y);
    const auto large = static_cast<std::uint64_t>(std::max(x, y));
    distances[i] = static_cast<double>(large - static_cast<std::uint64_t>(std::min(x, y)));
  }
}

double distance(double a, double b) {
  return a == b ? 0 : std::fabs(b - a);  // for two equal infinities b - a would be NaN
}

void subtract(const Decoded& values, Doubles& distances) {
  for (std::size_t i = 0; i < values.count; ++i) {
    const std::size_t at = i * values.each;
    distances[i] = distance(values.a[at], values.b[at]);
    if (values.each == 2)
      distances[i] = std::hypot(distances[i], distance(values.a[at + 1], values.b[at + 1]));
  }
}

double modulus(const Numbers& numbers, std::size_t i, std::size_t each) {
  return each == 2 ? std::hypot(numbers[2 * i], numbers[2 * i + 1]) : std::fabs(numbers[i]);
}

bool has_nan(const Numbers& numbers, std::size_t i, std::size_t each) {
  return std::isnan(numbers[i * each]) || (each == 2 && std::isnan(numbers[2 * i + 1]));
}

double relative(double distance, double larger) {
  if (distance == 0 || std::isinf(distance)) return distance;
  return std::isinf(larger) ? 0 : distance / larger;
}

void add_element(Change& change, const Decoded& values, const Doubles& distances, std::size_t i) {
  const bool nan_before = has_nan(values.a, i, values.each);
  const bool nan_after = has_nan(values.b, i, values.each);
  if (nan_after && !nan_before) ++change.new_nans;
  if (nan_before && !nan_after) ++change.gone_nans;
  if (nan_before == nan_after && (nan_after || distances[i] == 0)) ++change.bits_only;
  if (nan_after || nan_before) return;
  const double larger =
      std::max(modulus(values.a, i, values.each), modulus(values.b, i, values.each));
  change.largest_absolute = std::max(change.largest_absolute, distances[i]);
  change.largest_relative = std::max(change.largest_relative, relative(distances[i], larger));
}

Change change_of_a_few(DType dtype, ByteView a, ByteView b) {
  const std::size_t size = size_of(dtype);
  Decoded values;
  Doubles distances;
  values.count = a.size / size;
  values.each = numbers_in(dtype);
  decode(dtype, a, values.a.data());
  decode(dtype, b, values.b.data());
  if (dtype == DType::kInt64) {
    subtract<std::int64_t>(a, b, distances);
  } else if (dtype == DType::kUInt64) {
    subtract<std::uint64_t>(a, b, distances);
  } else {
    subtract(values, distances);
  }
  Change change;
  for (std::size_t i = 0; i < values.count; ++i) {
    if (std::memcmp(a.data + i * size, b.data + i * size, size) == 0) continue;
    if (change.differing++ == 0) change.first_differing = i;
    add_element(change, values, distances, i);
  }
  return change;
}

}  // namespace

bool Change::operator==(const Change& other) const {
  return differing == other.differing && first_differing == other.first_differing &&
         largest_absolute == other.largest_absolute && largest_relative == other.largest_relative &&
         new_nans == other.new_nans && gone_nans == other.gone_nans && bits_only == other.bits_only;
}

Change change_between(DType dtype, ByteView a, ByteView b) {
  Change change;
  const std::size_t size = size_of(dtype);
  for (std::size_t done = 0; done < a.size; done += kAtOnce * size) {
    const std::size_t bytes = std::min(kAtOnce * size, a.size - done);
    const ByteView few_a = a.slice(done, bytes), few_b = b.slice(done, bytes);
    if (std::memcmp(few_a.data, few_b.data, bytes) == 0) continue;
    add(change, change_of_a_few(dtype, few_a, few_b), done / size);
  }
  return change;
}

void add(Change& change, const Change& part, std::uint64_t index) {
  const std::uint64_t first = index + part.first_differing;
  if (part.differing > 0)
    change.first_differing =
        change.differing == 0 ? first : std::min(change.first_differing, first);
  change.differing += part.differing;
  change.largest_absolute = std::max(change.largest_absolute, part.largest_absolute);
  change.largest_relative = std::max(change.largest_relative, part.largest_relative);
  change.new_nans += part.new_nans;
  change.gone_nans += part.gone_nans;
  change.bits_only += part.bits_only;
}

}  // namespace holdfast
