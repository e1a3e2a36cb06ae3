// The HDF5 type of each dtype. docs/format.md, "Types". Internal to format/.
#pragma once

#include <cstddef>
#include <vector>

#include <holdfast/checkpoint/format/hdf5/handles.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast::format {

// The type of datasets of this dtype, both in memory and in the file, so HDF5 never converts
// values.
Handle hdf5_type(DType dtype);

// True if the HDF5 type does not tell the dtype, so that an attribute has to.
bool needs_dtype_attribute(DType dtype);

// The bytes of one element, little-endian, that stand for "missing": NaN for floating-point and
// complex types, the smallest value for integers, false for bool. The index uses it as the fill
// value of datasets whose shard cannot be found.
std::vector<std::byte> missing_value(DType dtype);

}  // namespace holdfast::format
