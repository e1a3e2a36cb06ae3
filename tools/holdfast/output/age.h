// Tells how long ago something was.
#pragma once

#include <string>

namespace holdfast::tool {

// The seconds since a time such as "2026-01-31T12:00:00.123Z". 0 if the time is in the future, NaN
// if the text is not such a time.
double seconds_since(const std::string& utc);

// "3 min ago"; "?" if the text is not such a time.
std::string format_age(const std::string& utc);

}  // namespace holdfast::tool
