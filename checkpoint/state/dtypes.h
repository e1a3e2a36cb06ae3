// Converts between LibTorch's element types and ours. Goes by the type's meaning and not by the
// number that LibTorch gives it, since these numbers have changed between versions.
#pragma once

#include <string>

#include <c10/core/ScalarType.h>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast {

// Both throw Error(kUnsupported), which names the entry, if the other side lacks the type: a
// checkpoint has no quantized types, and LibTorch has float8 only from 2.3 on.
DType dtype_of(at::ScalarType type, const std::string& entry);
at::ScalarType scalar_type_of(DType dtype, const std::string& entry);

std::string describe(DType dtype, const Shape& shape);  // "float32 [128, 784]"

}  // namespace holdfast
