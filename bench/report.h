// How results are shown.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "result.h"

namespace holdfast::bench {

// JSON: each result at once, a line each. Otherwise a table of medians at the end.
class Report {
 public:
  Report(bool json, std::ostream& out) : json_(json), out_(out) {}

  void add(const Result& result);
  void finish();  // after the last result

 private:
  bool json_;
  std::ostream& out_;
  std::vector<Result> results_;
};

// "12.3 ms", "1.00 GiB", "2.31 GB/s" or "1.05", as the measure's name has it.
std::string to_text(const std::string& measure, double value);

std::string bytes_text(std::uint64_t bytes);  // "64 MiB"

}  // namespace holdfast::bench
