// What holdfast diff prints of a comparison.
#pragma once

#include <holdfast/checkpoint/inspect/compare.h>

#include <string>

#include "json_output.h"

namespace holdfast::tool {

// The comparison part by part, as text for people: how many entries of each are identical, and
// those that differ, the most changed first; `all` of them, or a few of each part.
std::string text_of(const Comparison& comparison, bool all);

// The same for scripts: "parts" and "differences", all of them, in the same order, and "bytes".
Json json_of(const Comparison& comparison);

}  // namespace holdfast::tool
