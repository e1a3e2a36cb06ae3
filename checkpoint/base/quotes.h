// Text from outside, quoted for a message.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace holdfast {

// Printable (utf8.h) and in double quotes. A long text is cut and ends in "…".
std::string in_quotes(std::string_view text);

// The first texts, each in quotes; "…" stands for those that a message has no room for.
std::string list_in_quotes(const std::vector<std::string>& texts);

}  // namespace holdfast
