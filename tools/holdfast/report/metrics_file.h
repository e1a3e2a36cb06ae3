// metrics.csv, read back for a report.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/plot.h"

namespace holdfast::tool {

// A series for each column of numbers, by the column "step"; the columns "step" and "epoch" have
// none. Empty cells have no point; "nan" and "inf" have one that is not finite. A line that has not
// as many cells as the first, or no step, is passed over, and so is a text without a column "step".
std::vector<Series> read_metrics(std::string_view csv);

}  // namespace holdfast::tool
