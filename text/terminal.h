// Tells whether the output behind a file descriptor is a terminal, and which.
#pragma once

#include <string_view>

namespace holdfast::text {

inline constexpr int kDefaultColumns = 80;
inline constexpr std::string_view kClearLine = "\r\x1b[K";  // makes a terminal clear the line

// True for a terminal on which carriage returns and escape sequences work: TERM is not "dumb".
bool is_terminal(int fd);
// True if `fd` is a terminal, as above, and NO_COLOR is unset or empty (https://no-color.org).
bool wants_color(int fd);
// The width of the terminal; kDefaultColumns if it is not known.
int terminal_columns(int fd);

}  // namespace holdfast::text
