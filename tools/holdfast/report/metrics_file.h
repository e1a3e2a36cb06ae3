// metrics.csv, read back for a report.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/series.h"

namespace holdfast::tool {

// Takes a text in CSV (RFC 4180) in parts of any length. A series for each column of numbers, by
// the column "step"; the columns "step" and "epoch" have none. Empty cells have no point; "nan" and
// "inf" have one that is not finite. A line that has not as many cells as the first, or no step, is
// passed over, and so is a text without a column "step", or with more columns than kMostColumns.
// Memory: the series, and a line of at most kMostColumns cells of kMostCellBytes.
class MetricsReader {
 public:
  static constexpr std::size_t kMostColumns = 1000;
  static constexpr std::size_t kMostCellBytes = 4096;  // what is behind them is dropped

  void add(std::string_view part);
  // When all of it was added.
  std::vector<Series> finish();

 private:
  enum class Quotes { kNone, kOpen, kMaybeClosed };

  void take(char c);
  void begin_cell();
  void end_row();
  void begin_columns();

  std::vector<std::string> row_;  // empty: nothing of it has come
  Quotes quotes_ = Quotes::kNone;
  bool has_names_ = false;
  std::vector<Series> columns_;  // one for each name; none without a step
  std::size_t step_column_ = 0;
};

}  // namespace holdfast::tool
