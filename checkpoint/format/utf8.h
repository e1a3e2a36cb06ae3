// Text of a file in messages.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast::format {

using holdfast::is_utf8;
using holdfast::printable;
using holdfast::utf8_sequence;

// Printable and in quotes, for messages: cut with "…" where it is long.
std::string in_quotes(std::string_view text);

// The first of them, each in quotes, with "…" where there are more than a message has room for.
std::string list_in_quotes(const std::vector<std::string>& texts);

}  // namespace holdfast::format
