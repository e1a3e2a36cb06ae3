#include <holdfast/checkpoint/item/kind.h>

namespace holdfast {

bool has_bytes(Kind kind) {
  return kind != Kind::kNone && kind != Kind::kUndefined;
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kTensor:
      return "tensor";
    case Kind::kScalar:
      return "scalar";
    case Kind::kText:
      return "text";
    case Kind::kNone:
      return "none";
    case Kind::kUndefined:
      return "undefined";
  }
  return "unknown";
}

}  // namespace holdfast
