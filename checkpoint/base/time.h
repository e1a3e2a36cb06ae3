// The time stamps of manifests, logs and locks.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace holdfast {

// UTC in ISO 8601 with milliseconds: "2026-01-31T12:00:00.123Z". For the years 1970 to 9999.
std::string to_utc(std::chrono::system_clock::time_point time);

std::string utc_now();

// True if the text has the form that to_utc() writes; the digits need not be a valid date.
bool is_utc(std::string_view text);

}  // namespace holdfast
