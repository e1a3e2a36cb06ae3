// Shows results.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "result.h"

namespace holdfast::bench {

// With JSON, prints each result at once, as one line. Otherwise prints a table of medians at the
// end.
class Report {
 public:
  Report(bool json, std::ostream& out) : json_(json), out_(out) {}

  void add(const Result& result);
  void finish();  // call it after the last result

 private:
  bool json_;
  std::ostream& out_;
  std::vector<Result> results_;
};

// The value with the unit that the name of the measure ends in (result.h): "12.3 ms", "1.00 GiB",
// "2.31 GB/s" or "1.05".
std::string to_text(const std::string& measure, double value);

std::string bytes_text(std::uint64_t bytes);  // "64 MiB"

}  // namespace holdfast::bench
