// LibTorch's element types and ours. They are matched by meaning: LibTorch's numbers have moved.
#pragma once

#include <string>

#include <c10/core/ScalarType.h>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast {

// Each throws Error(kUnsupported), which names the entry, for a type that the other side lacks: a
// checkpoint has no quantized types, an older LibTorch no float8.
DType dtype_of(at::ScalarType type, const std::string& entry);
at::ScalarType scalar_type_of(DType dtype, const std::string& entry);

std::string describe(DType dtype, const Shape& shape);  // "float32 [128, 784]"

}  // namespace holdfast
