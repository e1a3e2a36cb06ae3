// The header of a .npy file: numpy's format, versions 1 to 3. Pure functions.
// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::exchange {

inline constexpr std::uint64_t kMaxNpyHeaderBytes = 64 << 10;  // a longer one is refused

struct NpyHeader {
  DType dtype = DType::kUInt8;
  Shape shape;
  bool is_fortran_order = false;  // the first dimension varies fastest
};

// Version 1, C order, padded to a multiple of 64 bytes. numpy has the dtype.
std::string encode_npy_header(DType dtype, const Shape& shape);

inline constexpr std::uint64_t kNpyPreambleBytes = 12;

// How long the header is, by the first kNpyPreambleBytes of the file. Error(kCorrupt) if it is
// none, or too long; `where` names the file and the array in messages.
std::uint64_t npy_header_bytes(ByteView start, const std::string& where);

// Error(kCorrupt) for what is no header, Error(kUnsupported) for arrays of objects, other byte
// orders and types that a checkpoint cannot hold.
NpyHeader decode_npy_header(ByteView header, const std::string& where);

// "<f4"; empty for a dtype that numpy has not.
std::string_view npy_descr(DType dtype);

}  // namespace holdfast::exchange
