// What the output behind a descriptor is.
#pragma once

#include <string_view>

namespace holdfast::text {

inline constexpr int kDefaultColumns = 80;
inline constexpr std::string_view kClearLine = "\r\x1b[K";  // for terminals

bool is_terminal(int fd);  // and TERM is not "dumb": carriage returns and escape sequences work
bool wants_color(int fd);  // a terminal, and NO_COLOR is not set or empty (https://no-color.org)
int terminal_columns(int fd);  // kDefaultColumns where it does not say

}  // namespace holdfast::text
