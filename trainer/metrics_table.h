// Writes metrics.csv (RFC 4180, but lines end with "\n"). It must hold nothing that differs between
// an interrupted and an uninterrupted run, such as times: both must write the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace holdfast::trainer {

// std::monostate: an empty cell.
using MetricValue = std::variant<std::monostate, std::int64_t, double, std::string>;
using MetricRow = std::vector<std::pair<std::string, MetricValue>>;  // by column

// One cell as CSV. A double becomes the shortest text that reads back as the same number ("0.1"),
// or "nan", "inf", "-inf". Text is quoted only if it must be.
std::string csv_cell(const MetricValue& value);

class MetricsTable {
 public:
  // Gets one complete line, with its "\n".
  using LineWriter = std::function<void(std::string_view line)>;

  // Writes nothing yet. Error(kInvalidArgument) if there are no columns, or two have the same name.
  MetricsTable(std::vector<std::string> columns, LineWriter write);

  // Writes the line of column names. Call it for a new file only; a file that is continued must
  // already begin with a line equal to header().
  void write_header();
  std::string header() const;

  // Writes one row. Columns that it does not name stay empty. Error(kInvalidArgument), and nothing
  // is written, if a name is not a column or is given twice.
  void write_row(const MetricRow& row);

 private:
  std::size_t index_of(const std::string& column) const;

  std::vector<std::string> columns_;
  LineWriter write_;
};

}  // namespace holdfast::trainer
