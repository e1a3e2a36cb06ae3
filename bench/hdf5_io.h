// Writes and reads by plain calls of the HDF5 library: the speed that a program without Holdfast
// gets.
#pragma once

#include <holdfast/checkpoint/base/bytes.h>
#include <cstdint>
#include <string>

namespace holdfast::bench {

// Makes a new file with that many contiguous float32 datasets of equal size. Writes each by
// H5Dwrite from the beginning of `from`, and makes the file durable. Throws Error.
void write_hdf5(const std::string& path, std::uint64_t bytes, std::int64_t datasets, ByteView from);

// Reads these datasets one after the other by H5Dread, each to the beginning of `to`. Throws Error.
void read_hdf5(const std::string& path, std::int64_t datasets, ByteSpan to);

}  // namespace holdfast::bench
