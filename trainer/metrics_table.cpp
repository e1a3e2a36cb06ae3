#include <holdfast/trainer/metrics_table.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {
namespace {

// std::to_chars does not depend on the locale, and without a precision it is exact.
template <typename Number>
std::string exact_text(Number value) {
  std::array<char, 32> text;
  const auto result = std::to_chars(text.data(), text.data() + text.size(), value);
  return {text.data(), result.ptr};
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return false;
  return text.find_first_of(",\"\r\n") != std::string_view::npos || text.front() == ' ' ||
         text.back() == ' ';
}

std::string quote(std::string_view text) {
  if (!needs_quotes(text)) return std::string(text);
  std::string result = "\"";
  for (const char c : text) result.append(c == '"' ? 2 : 1, c);
  return result + '"';
}

struct CellText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(std::int64_t value) const { return exact_text(value); }
  std::string operator()(double value) const {
    return value != value ? "nan" : exact_text(value);  // without the sign of a NaN
  }
  std::string operator()(const std::string& value) const { return quote(value); }
};

std::string line_of(const std::vector<std::string>& cells) {
  std::string line;
  for (const std::string& cell : cells) line += cell + ',';
  line.back() = '\n';
  return line;
}

void check_columns(const std::vector<std::string>& columns) {
  if (columns.empty()) {
    throw Error(ErrorKind::kInvalidArgument, "a metrics table needs at least one column");
  }
  std::set<std::string> seen;
  for (const std::string& column : columns) {
    if (!seen.insert(column).second) {
      throw Error(ErrorKind::kInvalidArgument, "two metrics columns are called '" + column + "'");
    }
  }
}

}  // namespace

std::string csv_cell(const MetricValue& value) {
  return std::visit(CellText{}, value);
}

MetricsTable::MetricsTable(std::vector<std::string> columns, LineWriter write)
    : columns_(std::move(columns)), write_(std::move(write)) {
  check_columns(columns_);
}

void MetricsTable::write_header() {
  write_(header());
}

std::string MetricsTable::header() const {
  std::vector<std::string> cells;
  for (const std::string& column : columns_) cells.push_back(quote(column));
  return line_of(cells);
}

void MetricsTable::write_row(const MetricRow& row) {
  std::vector<std::string> cells(columns_.size());
  std::set<std::size_t> given;
  for (const auto& [column, value] : row) {
    const std::size_t index = index_of(column);
    if (!given.insert(index).second) {
      throw Error(ErrorKind::kInvalidArgument, "metric '" + column + "' is given twice in a row");
    }
    cells[index] = csv_cell(value);
  }
  write_(line_of(cells));
}

std::size_t MetricsTable::index_of(const std::string& column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found != columns_.end()) return static_cast<std::size_t>(found - columns_.begin());
  std::string names = header();
  names.pop_back();
  throw Error(ErrorKind::kInvalidArgument, "metric '" + column + "' has no column")
      .expected("one of " + names);
}

}  // namespace holdfast::trainer
