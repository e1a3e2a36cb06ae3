// The closed list of element types. docs/format.md, "Types".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace holdfast {

enum class DType : std::uint8_t {
  kFloat32,
  kFloat64,
  kFloat16,
  kBFloat16,
  kComplex64,
  kComplex128,
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kFloat8E4M3FN,
  kFloat8E5M2,
  kFloat8E4M3FNUZ,
  kFloat8E5M2FNUZ,
  kFloat8E8M0FNU,
};

// All of them, in the order above.
const std::vector<DType>& all_dtypes();

// "float32", "bfloat16", "float8_e4m3fn" …: the names of PyTorch, as stored on disk.
std::string_view name_of(DType dtype);
std::optional<DType> dtype_from_name(std::string_view name);

std::size_t size_of(DType dtype);  // bytes of one element

bool is_floating_point(DType dtype);  // float64 to float8; false for the complex types

}  // namespace holdfast
