// How long ago something was.
#pragma once

#include <string>

namespace holdfast::tool {

// Seconds since that time ("2026-01-31T12:00:00.123Z"), 0 if it is in the future, NaN if the text
// is no such time.
double seconds_since(const std::string& utc);

// "3 min ago"; "?" if the text is no time.
std::string format_age(const std::string& utc);

}  // namespace holdfast::tool
