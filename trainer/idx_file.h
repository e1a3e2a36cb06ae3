// IDX: the file format of MNIST and its relatives. Two zero bytes, a byte for the element type, a
// byte for the number of dimensions, each dimension as a big-endian uint32, then the elements,
// row-major.
#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace holdfast::trainer {

// The array in an IDX file of unsigned bytes, plain or gzip: a uint8 tensor of the shape that the
// file promises. `dimensions` is what that shape must have, each of them 1 or more.
//
// The whole file is checked: what it promises must be there to the last byte, with nothing behind
// it, and under gzip its checksum must hold. A promise that the file is too small to keep is
// refused before anything is allocated for it. Anything else than such a file is an
// Error(kCorrupt); one that cannot be opened or read is an error of the operating system
// (kNotFound, kPermission, kIo).
at::Tensor read_idx(const std::string& path, int dimensions);

}  // namespace holdfast::trainer
