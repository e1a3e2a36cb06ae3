// A small table of two columns, for people.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::trainer {

using TableRow = std::pair<std::string, std::string>;  // label, value

// The title, and the rows between two rules: labels to the left, values to the right, all lines of
// one width. Text is UTF-8, one column a code point. Ends with "\n".
std::string format_table(std::string_view title, const std::vector<TableRow>& rows);

}  // namespace holdfast::trainer
