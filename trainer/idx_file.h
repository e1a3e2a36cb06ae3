// Reads IDX, the file format of MNIST and similar data sets. An IDX file has two zero bytes, one
// byte for the element type, one for the number of dimensions, each dimension as a big-endian
// uint32, and then the elements in row-major order.
#pragma once

#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace holdfast::trainer {

// Reads an IDX file of unsigned bytes, plain or compressed by gzip, and returns a uint8 tensor of
// the shape in its header. The shape must have this number of dimensions, each of 1 or more.
//
// Checks the whole file: it must have exactly the elements that the header announces, and a gzip
// file must have the right checksum. If the file is too small for the header's shape, this is
// noticed before memory is allocated. Error(kCorrupt) for any other content; kNotFound, kPermission
// or kIo if the file cannot be opened or read.
at::Tensor read_idx(const std::string& path, int dimensions);

}  // namespace holdfast::trainer
