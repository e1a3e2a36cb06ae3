#include <holdfast/text/units.h>

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>

namespace holdfast::text {
namespace {

constexpr const char* kUnknown = "?";
// Every whole number up to this one is exact as a double, and fits into 64 bits.
constexpr double kLargest = 9e15;

// False for NaN, too.
bool can_be_shown(double value) {
  return value >= 0 && value <= kLargest;
}

std::string digits(double value, std::chars_format format, int precision) {
  std::array<char, 64> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, format, precision).ptr;
  return {text.data(), end};
}

std::string fixed(double value, int decimals) {
  return digits(value, std::chars_format::fixed, decimals);
}

// "2 h 5 min": a number of large units, and the rest in the next smaller unit.
std::string two_units(std::int64_t total, std::int64_t ratio, const char* large,
                      const char* small) {
  std::string text = std::to_string(total / ratio) + large;
  if (total % ratio != 0) text += ' ' + std::to_string(total % ratio) + small;
  return text;
}

std::string whole_seconds(std::int64_t seconds) {
  constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  if (seconds < kMinute) return std::to_string(seconds) + " s";
  if (seconds < kHour) return two_units(seconds, 60, " min", " s");
  if (seconds < kDay) return two_units(seconds / kMinute, 60, " h", " min");
  return two_units(seconds / kHour, 24, " d", " h");
}

}  // namespace

std::string format_count(std::int64_t value) {
  std::string text = std::to_string(value);
  const std::size_t sign = value < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > sign + 3;) text.insert(at -= 3, ",");
  return text;
}

std::string format_duration(double seconds) {
  if (!can_be_shown(seconds)) return kUnknown;
  if (seconds < 9.995) return fixed(seconds, 2) + " s";
  return whole_seconds(std::llround(seconds));
}

std::string format_short_duration(double seconds) {
  if (!can_be_shown(seconds)) return kUnknown;
  if (seconds < 0.9995e-3) return fixed(seconds * 1e6, 0) + " µs";
  if (seconds < 0.9995)
    return fixed(seconds * 1e3, seconds < 9.995e-3 ? 2 : seconds < 99.95e-3 ? 1 : 0) + " ms";
  return format_duration(seconds);
}

std::string format_eta(double seconds) {
  if (!can_be_shown(seconds)) return kUnknown;
  return whole_seconds(static_cast<std::int64_t>(std::ceil(seconds)));
}

std::string format_bytes(double bytes) {
  if (!can_be_shown(bytes)) return kUnknown;
  if (bytes < 1023.5) return fixed(bytes, 0) + " B";
  constexpr std::array kUnits{" KiB", " MiB", " GiB", " TiB", " PiB"};
  const auto* unit = kUnits.begin();
  bytes /= 1024;
  for (; bytes >= 1023.95 && std::next(unit) != kUnits.end(); ++unit) bytes /= 1024;
  return fixed(bytes, 1) + *unit;
}

std::string format_rate(double samples_per_second) {
  if (!can_be_shown(samples_per_second)) return kUnknown;
  const bool small = samples_per_second < 99.95;
  return (small ? fixed(samples_per_second, 1) : format_count(std::llround(samples_per_second))) +
         " samples/s";
}

std::string format_percent(double fraction) {
  if (!can_be_shown(fraction)) return kUnknown;
  return fixed(fraction * 100, 2) + " %";
}

std::string format_loss(double loss) {
  if (std::isnan(loss)) return "nan";
  if (std::abs(loss) < 1000) return fixed(loss, 4);
  return digits(loss, std::chars_format::scientific, 3);
}

std::string format_metric(double value) {
  return std::isnan(value) ? "nan" : digits(value, std::chars_format::general, 5);
}

}  // namespace holdfast::text
