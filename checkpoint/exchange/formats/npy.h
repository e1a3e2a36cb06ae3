// The header of a .npy file: numpy's format, versions 1 to 3. Pure functions.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::exchange {

inline constexpr std::uint64_t kMaxNpyHeaderBytes = 64 << 10;  // longer headers are refused

struct NpyHeader {
  DType dtype = DType::kUInt8;
  Shape shape;
  bool is_fortran_order = false;  // the first dimension varies fastest
};

// A header of version 1, in C order, padded to a multiple of 64 bytes. Precondition: numpy has the
// dtype.
std::string encode_npy_header(DType dtype, const Shape& shape);

inline constexpr std::uint64_t kNpyPreambleBytes = 12;

// The length of the header, by the first kNpyPreambleBytes of the file. Error(kCorrupt) if this is
// not a header, or it is too long. `where` names the file and the array in messages.
std::uint64_t npy_header_bytes(ByteView start, const std::string& where);

// Error(kCorrupt) if this is not a header; Error(kUnsupported) for arrays of objects, other byte
// orders and types that a checkpoint cannot hold.
NpyHeader decode_npy_header(ByteView header, const std::string& where);

// "<f4". Empty for a dtype that numpy does not have.
std::string_view npy_descr(DType dtype);

}  // namespace holdfast::exchange
