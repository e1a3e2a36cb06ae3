#include "report/metrics_file.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace holdfast::tool {
namespace {

std::optional<double> to_number(const std::string& cell) {
  double value = 0;
  const char* const end = cell.data() + cell.size();
  const auto [rest, failure] = std::from_chars(cell.data(), end, value);
  if (cell.empty() || failure != std::errc() || rest != end) return std::nullopt;
  return value;
}

}  // namespace

void MetricsReader::add(std::string_view part) {
  for (const char c : part) take(c);
}

std::vector<Series> MetricsReader::finish() {
  if (!row_.empty()) end_row();
  const auto is_no_metric = [](const Series& column) {
    return column.name == "step" || column.name == "epoch" || column.points.empty();
  };
  columns_.erase(std::remove_if(columns_.begin(), columns_.end(), is_no_metric), columns_.end());
  return std::move(columns_);
}

void MetricsReader::take(char c) {
  if (row_.empty()) begin_cell();
  if (c == '"' && quotes_ != Quotes::kMaybeClosed) {
    quotes_ = quotes_ == Quotes::kOpen ? Quotes::kMaybeClosed : Quotes::kOpen;
    return;
  }
  if (quotes_ == Quotes::kMaybeClosed) quotes_ = c == '"' ? Quotes::kOpen : Quotes::kNone;
  const bool is_quoted = quotes_ == Quotes::kOpen;
  if (!is_quoted && c == '\n') {
    end_row();
  } else if (!is_quoted && c == ',') {
    begin_cell();
  } else if ((is_quoted || c != '\r') && row_.back().size() < kMostCellBytes) {
    row_.back() += c;
  }
}

// Keeps at most one cell more than kMostColumns: that is enough to tell that there are too many.
void MetricsReader::begin_cell() {
  if (row_.size() > kMostColumns) {
    row_.back().clear();
  } else {
    row_.emplace_back();
  }
}

void MetricsReader::end_row() {
  if (!has_names_) {
    begin_columns();
  } else if (!columns_.empty() && row_.size() == columns_.size()) {
    if (const auto x = to_number(row_[step_column_]))
      for (std::size_t i = 0; i < row_.size(); ++i)
        if (const auto y = to_number(row_[i])) columns_[i].add(*x, *y);
  }
  row_.clear();
}

void MetricsReader::begin_columns() {
  has_names_ = true;
  const auto step = std::find(row_.begin(), row_.end(), "step");
  if (step == row_.end() || row_.size() > kMostColumns) return;
  step_column_ = static_cast<std::size_t>(step - row_.begin());
  for (std::string& name : row_) columns_.push_back({std::move(name), {}});
}

}  // namespace holdfast::tool
