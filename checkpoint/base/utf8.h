// Recognizes UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF), and makes
// untrusted bytes fit to be shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace holdfast {

// The length in bytes of the character that `text` starts with; 0 if it starts with no valid one.
std::size_t utf8_sequence(std::string_view text);

bool is_utf8(std::string_view text);

// Makes untrusted text fit for one line of a log or a terminal. Three things become \xNN, byte by
// byte: control characters, including line feeds; characters that break lines or change the
// direction of the text behind them (U+2028 to U+202E, U+2066 to U+2069); bytes that are not UTF-8.
// All else stays as it is, so applying it twice changes nothing.
std::string printable(std::string_view text);

// Like printable(), but line feeds stay. For texts of several lines, such as errors of other
// libraries.
std::string printable_lines(std::string_view text);

// The first `most` bytes of the text, or up to three fewer so that no character is cut in two.
std::string_view beginning(std::string_view text, std::size_t most);

}  // namespace holdfast
