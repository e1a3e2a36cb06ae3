// How several subcommands say the same thing. Pure functions.
#pragma once

#include <string>
#include <vector>

namespace holdfast::tool {

// "a, b, c"
std::string joined(const std::vector<std::string>& texts, const char* between = ", ");

// "2026-01-31 12:00:00" of "2026-01-31T12:00:00.000Z".
std::string readable_time(const std::string& utc);

// The first line of why a checkpoint was quarantined, or of another reason of several lines, with
// how many entries that hurts: "shard-00000-of-00001.h5: block 3 is damaged, hurts 12 entries".
std::string in_short(const std::string& reason);

}  // namespace holdfast::tool
