// The rows of metrics.csv (RFC 4180, lines end with "\n"). Only what a run determines belongs in
// them: no times, so that an interrupted run and an uninterrupted one write the same bytes.
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

// One cell as CSV. Doubles are the shortest text that reads back as the same number ("0.1"), or
// "nan", "inf", "-inf". Text is quoted where it has to be.
std::string csv_cell(const MetricValue& value);

class MetricsTable {
 public:
  // Takes one complete line, its "\n" included.
  using LineWriter = std::function<void(std::string_view line)>;

  // Writes nothing yet. Error(kInvalidArgument) if there are no columns, or two of the same name.
  MetricsTable(std::vector<std::string> columns, LineWriter write);

  // The line of column names: the first of a new file. When a file is continued it has one already,
  // which must be equal to header().
  void write_header();
  std::string header() const;

  // Columns that the row does not name stay empty. A name that is no column, or is given twice, is
  // an Error(kInvalidArgument), and nothing is written.
  void write_row(const MetricRow& row);

 private:
  std::size_t index_of(const std::string& column) const;

  std::vector<std::string> columns_;
  LineWriter write_;
};

}  // namespace holdfast::trainer
