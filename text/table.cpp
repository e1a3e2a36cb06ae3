#include <holdfast/text/table.h>

#include <algorithm>

namespace holdfast::text {
namespace {

constexpr std::size_t kGap = 4;  // the least number of spaces between a label and its value

// How many columns a text takes. Escape sequences that paint take none.
std::size_t columns_of(std::string_view utf8) {
  std::size_t columns = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (utf8[i] == '\x1b') {
      i = std::min(utf8.find('m', i), utf8.size());
    } else if ((static_cast<unsigned char>(utf8[i]) & 0xC0) != 0x80) {
      ++columns;
    }
  }
  return columns;
}

std::size_t width_of(std::string_view title, const std::vector<TableRow>& rows) {
  std::size_t label_width = 0, value_width = 0;
  for (const auto& [label, value] : rows) {
    label_width = std::max(label_width, columns_of(label));
    value_width = std::max(value_width, columns_of(value));
  }
  return std::max(columns_of(title), label_width + kGap + value_width);
}

bool is_empty(const std::vector<Cells>& rows, std::size_t column) {
  return std::all_of(rows.begin(), rows.end(),
                     [&](const Cells& row) { return row[column].empty(); });
}

std::size_t width_of_column(const Column& column, const std::vector<Cells>& rows,
                            std::size_t index) {
  std::size_t width = columns_of(column.heading);
  for (const Cells& row : rows) width = std::max(width, columns_of(row[index]));
  return width;
}

}  // namespace

std::string format_table(std::string_view title, const std::vector<TableRow>& rows) {
  const std::size_t width = width_of(title, rows);
  const std::string rule = std::string(width, '-') + '\n';
  std::string text = std::string(title) + '\n' + rule;
  for (const auto& [label, value] : rows) {
    text += label + std::string(width - columns_of(label) - columns_of(value), ' ') + value + '\n';
  }
  return text + rule;
}

std::string format_columns(const std::vector<Column>& columns, const std::vector<Cells>& rows) {
  std::vector<std::string> lines(rows.size() + 1);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!rows.empty() && is_empty(rows, i)) continue;
    const std::size_t width = width_of_column(columns[i], rows, i);
    for (std::size_t line = 0; line < lines.size(); ++line) {
      const std::string& cell = line == 0 ? columns[i].heading : rows[line - 1][i];
      const std::string padding(width - columns_of(cell), ' ');
      if (!lines[line].empty()) lines[line] += "  ";
      lines[line] += columns[i].align == Align::kLeft ? cell + padding : padding + cell;
    }
  }
  std::string text;
  for (std::string& line : lines) {
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace holdfast::text
