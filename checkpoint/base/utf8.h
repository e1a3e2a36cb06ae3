// Which bytes are UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), and
// how bytes from anywhere are shown to people.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

// The length of the well-formed sequence that `text` starts with; 0 if there is none.
std::size_t utf8_sequence(std::string_view text);

bool is_utf8(std::string_view text);

// Text from the outside, fit for a line of a log or a terminal. These become \xNN, byte by byte:
// control characters, line feeds included; characters that break lines or turn the direction of
// what follows (U+2028 to U+202E, U+2066 to U+2069); what is not UTF-8. What is printable stays as
// it is, so that doing it twice changes nothing.
std::string printable(std::string_view text);

// The same of several lines, as other libraries' errors have them: line feeds stay.
std::string printable_lines(std::string_view text);

// The first bytes, `most` of them or a few less: no character is cut in two.
std::string_view beginning(std::string_view text, std::size_t most);

}  // namespace holdfast
