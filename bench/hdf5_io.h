// HDF5 as a program uses it that has nothing else: the limit of the format's own library.
#pragma once

#include <holdfast/checkpoint/base/bytes.h>
#include <cstdint>
#include <string>

namespace holdfast::bench {

// Makes a new file of so many contiguous float32 datasets of equal size, each written from the
// beginning of `from` by H5Dwrite, and makes the file durable. Throws Error.
void write_hdf5(const std::string& path, std::uint64_t bytes, std::int64_t datasets, ByteView from);

// Reads them one by one by H5Dread, each to the beginning of `to`. Throws Error.
void read_hdf5(const std::string& path, std::int64_t datasets, ByteSpan to);

}  // namespace holdfast::bench
