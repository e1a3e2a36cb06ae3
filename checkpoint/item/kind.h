// What an entry of a checkpoint stands for. docs/format.md, "Catalog".
#pragma once

#include <cstdint>
#include <string_view>

namespace holdfast {

enum class Kind : std::uint8_t {
  kTensor,
  kScalar,     // shape []; int64, float64 or bool
  kText,       // uint8, shape [bytes], UTF-8
  kNone,       // the absent value of an option; no bytes, dtype uint8, shape []
  kUndefined,  // an undefined tensor; no bytes, dtype uint8, shape []
};

bool has_bytes(Kind kind);  // false for kNone and kUndefined

std::string_view to_string(Kind kind);  // "tensor", "scalar" …

}  // namespace holdfast
