// Describes a proof to people and to scripts. Pure functions.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "proof.h"

namespace holdfast::tool {

// "exact", "not exact", "not resumed", "not proven".
const char* to_string(Finding finding);

// One line without a line feed: "exact: …", "not exact: …", "not resumed: <reason>" or "not proven:
// <reason>".
std::string headline_of(const Proof& proof);

// What was compared, killed, resumed and found: indented lines, each with a label and a value.
std::string details_of(const Proof& proof);

nlohmann::ordered_json to_json(const Proof& proof);

}  // namespace holdfast::tool
