#include "report/metrics_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <optional>

namespace holdfast::tool {
namespace {

using Row = std::vector<std::string>;

// The rows of a text in CSV (RFC 4180); the last one also without its end of line.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool next(Row& row) {
    if (rest_.empty()) return false;
    row.assign(1, "");
    while (!rest_.empty()) {
      const char c = take();
      if (c == '\n') break;
      if (c == '"') {
        quoted(row.back());
      } else if (c == ',') {
        row.emplace_back();
      } else if (c != '\r') {
        row.back() += c;
      }
    }
    return true;
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void quoted(std::string& cell) {
    while (!rest_.empty()) {
      const char c = take();
      if (c == '"' && (rest_.empty() || rest_.front() != '"')) return;
      if (c == '"') take();
      cell += c;
    }
  }

  std::string_view rest_;
};

std::optional<double> to_number(const std::string& cell) {
  double value = 0;
  const char* const end = cell.data() + cell.size();
  const auto [rest, failure] = std::from_chars(cell.data(), end, value);
  if (cell.empty() || failure != std::errc() || rest != end) return std::nullopt;
  return value;
}

}  // namespace

std::vector<Series> read_metrics(std::string_view csv) {
  Reader reader(csv);
  Row names, row;
  if (!reader.next(names)) return {};
  const auto step = std::find(names.begin(), names.end(), "step");
  if (step == names.end()) return {};
  const auto step_column = static_cast<std::size_t>(step - names.begin());

  std::vector<Series> columns;
  for (const std::string& name : names) columns.push_back({name, {}});
  while (reader.next(row)) {
    if (row.size() != names.size()) continue;
    const auto x = to_number(row[step_column]);
    if (!x) continue;
    for (std::size_t i = 0; i < row.size(); ++i)
      if (const auto y = to_number(row[i])) columns[i].points.emplace_back(*x, *y);
  }
  const auto is_no_metric = [](const Series& column) {
    return column.name == "step" || column.name == "epoch" || column.points.empty();
  };
  columns.erase(std::remove_if(columns.begin(), columns.end(), is_no_metric), columns.end());
  return columns;
}

}  // namespace holdfast::tool
