// Lays out tables for people. Pure functions. Text is UTF-8; each code point takes one column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace holdfast::text {

using TableRow = std::pair<std::string, std::string>;  // label, value

// A title, and rows between two rules. Labels are aligned to the left and values to the right; all
// lines but the title have the same width. Ends with "\n".
std::string format_table(std::string_view title, const std::vector<TableRow>& rows);

enum class Align { kLeft, kRight };
struct Column {
  std::string heading;
  Align align = Align::kLeft;
};
// A cell may be painted: escape sequences of the form "\x1b[…m" take no columns.
using Cells = std::vector<std::string>;

// A line of headings and one line for each row. Columns are two spaces apart; lines have no spaces
// at their ends. Each row must have as many cells as there are columns. A column whose cells are
// all empty is left out, unless there are no rows.
std::string format_columns(const std::vector<Column>& columns, const std::vector<Cells>& rows);

}  // namespace holdfast::text
