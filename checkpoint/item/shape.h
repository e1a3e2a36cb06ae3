// The sizes of a tensor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast {

using Shape = std::vector<std::int64_t>;  // []: a single element

inline constexpr std::size_t kMaxRank = 32;  // most dimensions of a tensor; HDF5's limit

// Bytes of all elements. Error(kCorrupt) if a size is negative or the bytes do not fit into 63
// bits.
std::uint64_t bytes_of(DType dtype, const Shape& shape);

std::string to_string(const Shape& shape);  // "[128, 784]"

}  // namespace holdfast
