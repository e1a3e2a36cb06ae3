#include "report.h"

#include <algorithm>
#include <cstdio>
#include <ostream>

namespace holdfast::bench {
namespace {

using Row = std::vector<std::string>;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// The value with three significant digits.
std::string number(double value) {
  const double size = value < 0 ? -value : value;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", size < 10 ? 2 : size < 100 ? 1 : 0, value);
  return text;
}

std::string seconds_text(double seconds) {
  const double size = seconds < 0 ? -seconds : seconds;
  if (size < 1e-3) return number(seconds * 1e6) + " µs";
  if (size < 1) return number(seconds * 1e3) + " ms";
  return number(seconds) + " s";
}

// "blocked_s" -> "blocked"
std::string heading_of(std::string measure) {
  for (const char* unit : {"_gb_s", "_s", "_bytes"}) {
    if (!ends_with(measure, unit)) continue;
    measure.erase(measure.size() - std::string(unit).size());
    break;
  }
  std::replace(measure.begin(), measure.end(), '_', ' ');
  return measure;
}

std::vector<std::string> measures_of(const std::vector<Result>& results) {
  std::vector<std::string> names;
  for (const Result& result : results)
    for (const Measure& measure : result.measures)
      if (std::find(names.begin(), names.end(), measure.name) == names.end())
        names.push_back(measure.name);
  return names;
}

Row heading(const std::vector<std::string>& measures) {
  Row row = {"case", "size", "tensors", "shards"};
  for (const std::string& measure : measures) row.push_back(heading_of(measure));
  return row;
}

Row row_of(const Result& result, const std::vector<std::string>& measures) {
  Row row = {result.name, bytes_text(result.workload.bytes),
             std::to_string(result.workload.tensors), std::to_string(result.workload.shards)};
  for (const std::string& name : measures) {
    const Measure* measure = result.find(name);
    row.push_back(measure == nullptr ? "" : to_text(name, median(measure->samples)));
  }
  return row;
}

// The number of characters: in UTF-8, that of the bytes that begin one.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::vector<std::size_t> widths_of(const std::vector<Row>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const Row& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  return widths;
}

// One line of the table. The first column is aligned to the left, the others to the right.
std::string line_of(const Row& row, const std::vector<std::size_t>& widths) {
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string padding(widths[i] - width_of(row[i]), ' ');
    line += i == 0 ? row[i] + padding : "  " + padding + row[i];
  }
  return line + "\n";
}

std::string table_of(const std::vector<Result>& results) {
  const std::vector<std::string> measures = measures_of(results);
  std::vector<Row> rows = {heading(measures)};
  for (const Result& result : results) rows.push_back(row_of(result, measures));
  const std::vector<std::size_t> widths = widths_of(rows);
  std::string table;
  for (const Row& row : rows) table += line_of(row, widths);
  return table;
}

}  // namespace

std::string to_text(const std::string& measure, double value) {
  if (ends_with(measure, "_gb_s")) return number(value) + " GB/s";
  if (ends_with(measure, "_s")) return seconds_text(value);
  if (ends_with(measure, "_bytes"))
    return bytes_text(static_cast<std::uint64_t>(std::max(0.0, value)));
  return number(value);
}

std::string bytes_text(std::uint64_t bytes) {
  const char* const units[] = {" B", " KiB", " MiB", " GiB", " TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < std::size(units); ++unit) value /= 1024;
  const bool whole = value == static_cast<double>(static_cast<std::uint64_t>(value));
  return (whole ? std::to_string(static_cast<std::uint64_t>(value)) : number(value)) + units[unit];
}

void Report::add(const Result& result) {
  if (json_) {
    out_ << to_json(result).dump() << std::endl;
  } else {
    results_.push_back(result);
  }
}

void Report::finish() {
  if (!results_.empty()) out_ << table_of(results_) << std::flush;
}

}  // namespace holdfast::bench
