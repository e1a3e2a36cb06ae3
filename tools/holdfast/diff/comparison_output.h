// The output of holdfast diff.
#pragma once

#include <holdfast/checkpoint/inspect/compare.h>

#include <string>

#include "output/json_output.h"

namespace holdfast::tool {

// The comparison as text for people. For each part: how many entries are identical, and the entries
// that differ, the most changed first. Lists all of them if `all` is true, else a few for each
// part.
std::string text_of(const Comparison& comparison, bool all);

// The comparison for scripts: "parts", all "differences" in the same order, and "bytes".
Json json_of(const Comparison& comparison);

}  // namespace holdfast::tool
