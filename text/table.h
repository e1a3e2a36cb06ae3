// Tables for people. Pure functions; text is UTF-8, one column a code point.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::text {

using TableRow = std::pair<std::string, std::string>;  // label, value

// The title, and the rows between two rules: labels to the left, values to the right, all lines of
// one width. Ends with "\n".
std::string format_table(std::string_view title, const std::vector<TableRow>& rows);

enum class Align { kLeft, kRight };
struct Column {
  std::string heading;
  Align align = Align::kLeft;
};
// A cell may be painted: escape sequences of the form "\x1b[…m" take no columns.
using Cells = std::vector<std::string>;

// A line of headings and a line a row, columns two spaces apart, no space at the ends of lines.
// Each row has as many cells as there are columns. A column whose cells are all empty is left out.
std::string format_columns(const std::vector<Column>& columns, const std::vector<Cells>& rows);

}  // namespace holdfast::text
