#include <holdfast/checkpoint/format/hdf5/types.h>

#include <cstdint>
#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::format {
namespace {

Handle copy_of(hid_t type) {
  return Handle(H5Tcopy(type), H5Tclose, "H5Tcopy");
}

// A floating-point type of 16 bits: the sign on top, then the exponent, then the mantissa. HDF5
// accepts these calls only in this order: the fields must be set while the type is still large, and
// the size may be reduced only then.
Handle half_type(std::size_t exponent_bits, std::size_t mantissa_bits, std::size_t bias) {
  Handle type = copy_of(H5T_IEEE_F32LE);
  checked(H5Tset_fields(type.get(), 15, mantissa_bits, exponent_bits, 0, mantissa_bits),
          "H5Tset_fields");
  checked(H5Tset_precision(type.get(), 16), "H5Tset_precision");
  checked(H5Tset_size(type.get(), 2), "H5Tset_size");
  checked(H5Tset_ebias(type.get(), bias), "H5Tset_ebias");
  return type;
}

Handle complex_type(hid_t part) {
  const std::size_t size = checked(static_cast<std::int64_t>(H5Tget_size(part)), "H5Tget_size");
  Handle type(H5Tcreate(H5T_COMPOUND, 2 * size), H5Tclose, "H5Tcreate");
  checked(H5Tinsert(type.get(), "r", 0, part), "H5Tinsert");
  checked(H5Tinsert(type.get(), "i", size, part), "H5Tinsert");
  return type;
}

Handle bool_type() {
  Handle type(H5Tenum_create(H5T_STD_I8LE), H5Tclose, "H5Tenum_create");
  for (const std::int8_t value : {0, 1}) {
    checked(H5Tenum_insert(type.get(), value == 0 ? "FALSE" : "TRUE", &value), "H5Tenum_insert");
  }
  return type;
}

// The bytes of a NaN, most significant first. Empty for types that have no NaN.
std::vector<unsigned char> not_a_number(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
    case DType::kComplex64:
      return {0x7F, 0xC0, 0, 0};
    case DType::kFloat64:
    case DType::kComplex128:
      return {0x7F, 0xF8, 0, 0, 0, 0, 0, 0};
    case DType::kFloat16:
      return {0x7E, 0};
    case DType::kBFloat16:
      return {0x7F, 0xC0};
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E5M2:
      return {0x7F};
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2FNUZ:
      return {0x80};
    case DType::kFloat8E8M0FNU:
      return {0xFF};
    default:
      return {};
  }
}

bool is_signed_integer(DType dtype) {
  return dtype == DType::kInt8 || dtype == DType::kInt16 || dtype == DType::kInt32 ||
         dtype == DType::kInt64;
}

}  // namespace

Handle hdf5_type(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return copy_of(H5T_IEEE_F32LE);
    case DType::kFloat64:
      return copy_of(H5T_IEEE_F64LE);
    case DType::kFloat16:
      return half_type(5, 10, 15);
    case DType::kBFloat16:
      return half_type(8, 7, 127);
    case DType::kComplex64:
      return complex_type(H5T_IEEE_F32LE);
    case DType::kComplex128:
      return complex_type(H5T_IEEE_F64LE);
    case DType::kBool:
      return bool_type();
    case DType::kInt8:
      return copy_of(H5T_STD_I8LE);
    case DType::kInt16:
      return copy_of(H5T_STD_I16LE);
    case DType::kInt32:
      return copy_of(H5T_STD_I32LE);
    case DType::kInt64:
      return copy_of(H5T_STD_I64LE);
    case DType::kUInt16:
      return copy_of(H5T_STD_U16LE);
    case DType::kUInt32:
      return copy_of(H5T_STD_U32LE);
    case DType::kUInt64:
      return copy_of(H5T_STD_U64LE);
    case DType::kUInt8:
    case DType::kFloat8E4M3FN:
    case DType::kFloat8E5M2:
    case DType::kFloat8E4M3FNUZ:
    case DType::kFloat8E5M2FNUZ:
    case DType::kFloat8E8M0FNU:
      return copy_of(H5T_STD_U8LE);
  }
  throw Error(ErrorKind::kUnsupported, "a dtype that has no HDF5 type");
}

bool needs_dtype_attribute(DType dtype) {
  return dtype >= DType::kFloat8E4M3FN && dtype <= DType::kFloat8E8M0FNU;
}

std::vector<std::byte> missing_value(DType dtype) {
  std::vector<std::byte> value(size_of(dtype));
  const std::vector<unsigned char> nan = not_a_number(dtype);
  for (std::size_t i = 0; i < value.size() && !nan.empty(); ++i) {
    value[i] = std::byte{nan[nan.size() - 1 - i % nan.size()]};
  }
  if (is_signed_integer(dtype)) value.back() = std::byte{0x80};
  return value;
}

}  // namespace holdfast::format
