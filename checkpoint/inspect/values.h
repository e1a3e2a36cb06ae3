// The small values of a checkpoint: scalars and texts.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// Of a scalar or a text; monostate for what is neither.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// As people read it: "true", "200", "0.001", the text as it is; "none" for monostate.
std::string to_string(const Value& value);

struct ValueRequest {
  const format::Entry* entry = nullptr;
  std::uint64_t from = 0;  // of a text: the byte to begin at, its length at most
};

// Read and verified, in the order of the requests. A text longer than `longest_text` bytes is
// shortened to so many from `from` on, without cutting a character, and with "…" where something is
// left out. Tensors are not read. Throws as CheckpointFiles::read does.
std::vector<Value> read_values(const CheckpointFiles& files,
                               const std::vector<ValueRequest>& requests, int threads,
                               std::uint64_t longest_text);

}  // namespace holdfast
