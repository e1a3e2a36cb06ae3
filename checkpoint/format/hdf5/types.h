// The HDF5 type of each dtype. docs/format.md, "Types". Internal to format/.
#pragma once

#include <cstddef>
#include <vector>

#include <holdfast/checkpoint/format/hdf5/handles.h>
#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast::format {

// The type of the dataset, in memory and in the file: HDF5 never converts.
Handle hdf5_type(DType dtype);

// True where the HDF5 type leaves the dtype open, so that an attribute has to tell it.
bool needs_dtype_attribute(DType dtype);

// One element, little-endian, that no training writes by chance: NaN for floating-point and complex
// types, the smallest value for integers, false for bool.
std::vector<std::byte> missing_value(DType dtype);

}  // namespace holdfast::format
