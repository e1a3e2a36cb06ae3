// A proof, told to people and to scripts. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "proof.h"

namespace holdfast::tool {

// "exact", "not exact", "not resumed", "not proven".
const char* to_string(Finding finding);

// One line, without its end: "exact: …", "not exact: …"; for the others "not proven: <reason>".
std::string headline_of(const Proof& proof);

// What was compared, killed, resumed and found: lines of a label and a value each, indented.
std::string details_of(const Proof& proof);

nlohmann::ordered_json to_json(const Proof& proof);

}  // namespace holdfast::tool
