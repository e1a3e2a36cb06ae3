// Reads the small values of a checkpoint: scalars and texts.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>

namespace holdfast {

// The value of a scalar or a text entry; monostate for all other entries.
using SmallValue = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// The value as people read it: "true", "200", "0.001", a text unchanged, "none" for monostate.
std::string to_string(const SmallValue& value);

struct SmallValueRequest {
  const format::Entry* entry = nullptr;
  std::uint64_t from = 0;  // for a text that is shortened: the byte to begin at, at most its length
};

// Reads and verifies values, in the order of the requests. Of a text longer than `longest_text`
// bytes, at most that many from `from` on are returned, without cutting a character, and with "…"
// where something is left out. Tensors are not read. Throws as CheckpointFiles::read() does.
std::vector<SmallValue> read_small_values(const CheckpointFiles& files,
                                          const std::vector<SmallValueRequest>& requests,
                                          int threads, std::uint64_t longest_text);

}  // namespace holdfast
