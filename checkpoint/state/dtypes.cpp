#include <holdfast/checkpoint/state/dtypes.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/torch_version.h>

namespace holdfast {
namespace {

struct Pair {
  DType stored;
  at::ScalarType live;
};

constexpr Pair kPairs[] = {
    {DType::kFloat32, at::ScalarType::Float},
    {DType::kFloat64, at::ScalarType::Double},
    {DType::kFloat16, at::ScalarType::Half},
    {DType::kBFloat16, at::ScalarType::BFloat16},
    {DType::kComplex64, at::ScalarType::ComplexFloat},
    {DType::kComplex128, at::ScalarType::ComplexDouble},
    {DType::kBool, at::ScalarType::Bool},
    {DType::kInt8, at::ScalarType::Char},
    {DType::kInt16, at::ScalarType::Short},
    {DType::kInt32, at::ScalarType::Int},
    {DType::kInt64, at::ScalarType::Long},
    {DType::kUInt8, at::ScalarType::Byte},
#if HOLDFAST_TORCH_AT_LEAST(2, 3)
    {DType::kUInt16, at::ScalarType::UInt16},
    {DType::kUInt32, at::ScalarType::UInt32},
    {DType::kUInt64, at::ScalarType::UInt64},
    {DType::kFloat8E4M3FN, at::ScalarType::Float8_e4m3fn},
    {DType::kFloat8E5M2, at::ScalarType::Float8_e5m2},
    {DType::kFloat8E4M3FNUZ, at::ScalarType::Float8_e4m3fnuz},
    {DType::kFloat8E5M2FNUZ, at::ScalarType::Float8_e5m2fnuz},
#endif
#if HOLDFAST_TORCH_AT_LEAST(2, 7)
    {DType::kFloat8E8M0FNU, at::ScalarType::Float8_e8m0fnu},
#endif
};

}  // namespace

DType dtype_of(at::ScalarType type, const std::string& entry) {
  for (const Pair& pair : kPairs) {
    if (pair.live == type) return pair.stored;
  }
  throw Error(ErrorKind::kUnsupported, "a checkpoint cannot hold this tensor's element type")
      .at(entry)
      .found(c10::toString(type))
      .remedy("convert it to a type listed in docs/format.md");
}

at::ScalarType scalar_type_of(DType dtype, const std::string& entry) {
  for (const Pair& pair : kPairs) {
    if (pair.stored == dtype) return pair.live;
  }
  throw Error(ErrorKind::kUnsupported, "LibTorch " TORCH_VERSION " lacks this entry's element type")
      .at(entry)
      .found(std::string(name_of(dtype)))
      .remedy("read the checkpoint with a newer LibTorch");
}

std::string describe(DType dtype, const Shape& shape) {
  return std::string(name_of(dtype)) + " " + to_string(shape);
}

}  // namespace holdfast
