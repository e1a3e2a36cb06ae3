// Time stamps, as they stand in manifests, logs and locks.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace holdfast {

// UTC in ISO 8601 with milliseconds: "2026-01-31T12:00:00.123Z". Earlier than 1970 and later than
// 9999 are outside of what it writes.
std::string to_utc(std::chrono::system_clock::time_point time);

std::string utc_now();

// Whether the text has that form, digit for digit.
bool is_utc(std::string_view text);

}  // namespace holdfast
