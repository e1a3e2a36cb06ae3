// Reads metrics.csv for a report.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "report/series.h"

namespace holdfast::tool {

// Parses CSV (RFC 4180) that arrives in parts of any length, and makes a series over the column
// "step" for each column of numbers other than "step" and "epoch". An empty cell gives no point;
// "nan" and "inf" give a point that is not finite. Lines are skipped if they have no step, or
// another number of cells than the first line. There are no series if the text has no column "step"
// or more than kMostColumns columns. Memory: the series, and one line of at most kMostColumns cells
// of kMostCellBytes.
class MetricsReader {
 public:
  static constexpr std::size_t kMostColumns = 1000;
  static constexpr std::size_t kMostCellBytes = 4096;  // the rest of a longer cell is dropped

  void add(std::string_view part);
  // Call once, after the last part.
  std::vector<Series> finish();

 private:
  enum class Quotes { kNone, kOpen, kMaybeClosed };

  void take(char c);
  void begin_cell();
  void end_row();
  void begin_columns();

  std::vector<std::string> row_;  // the cells of the current line; empty at its beginning
  Quotes quotes_ = Quotes::kNone;
  bool has_names_ = false;
  std::vector<Series> columns_;  // one for each column; empty if there is no column "step"
  std::size_t step_column_ = 0;
};

}  // namespace holdfast::tool
