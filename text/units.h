// Formats quantities for people. Pure functions that do not depend on the locale. A duration, rate,
// size or fraction that is negative or not finite becomes "?".
#pragma once

#include <cstdint>
#include <string>

namespace holdfast::text {

std::string format_count(std::int64_t value);  // "1,234,567"
// "0.12 s", "47 s", "1 min 20 s", "2 h 5 min", "3 d 4 h"
std::string format_duration(double seconds);
std::string format_short_duration(double seconds);   // below a second "12.3 ms" or "480 µs"
std::string format_eta(double seconds);              // whole seconds, rounded up: "48 s"
std::string format_bytes(double bytes);              // "512 B", "10.3 MiB"
std::string format_rate(double samples_per_second);  // "3.2 samples/s", "12,345 samples/s"
std::string format_percent(double fraction);         // 0.8871: "88.71 %"
std::string format_loss(double loss);                // "0.4321", "1.234e+05", "nan", "inf"
std::string format_metric(double value);  // at most five digits: "0.875", "1.2346e+05", "nan"

}  // namespace holdfast::text
