// Wording that several subcommands share. Pure functions.
#pragma once

#include <string>
#include <vector>

namespace holdfast::tool {

// "a, b, c"
std::string joined(const std::vector<std::string>& texts, const char* between = ", ");

// "2026-01-31 12:00:00" for "2026-01-31T12:00:00.000Z".
std::string readable_time(const std::string& utc);

// Shortens a reason of several lines, such as why a checkpoint was quarantined. Returns its first
// line and how many entries are affected: "shard-00000-of-00001.h5: block 3 is damaged, hurts 12
// entries".
std::string in_short(const std::string& reason);

}  // namespace holdfast::tool
