// Which bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::format {

// The length of the well-formed sequence that `text` starts with; 0 if there is none.
std::size_t utf8_sequence(std::string_view text);

bool is_utf8(std::string_view text);

// Text of a file, fit for logs and terminals: control characters and what is not UTF-8 as \xNN.
std::string printable(std::string_view text);

// The same in quotes, for messages: cut with "…" where it is long.
std::string in_quotes(std::string_view text);

// The first of them, each in quotes, with "…" where there are more than a message has room for.
std::string list_in_quotes(const std::vector<std::string>& texts);

}  // namespace holdfast::format
