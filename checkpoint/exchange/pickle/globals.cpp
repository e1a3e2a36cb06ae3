#include <holdfast/checkpoint/exchange/pickle/globals.h>

#include <array>

#include <holdfast/checkpoint/exchange/values/dtype_names.h>

namespace holdfast::exchange {
namespace {

struct NamedGlobal {
  std::string_view module, name;
  Global global;
};

constexpr std::array<NamedGlobal, 9> kGlobals = {{
    {"collections", "OrderedDict", Global::kOrderedDict},
    {"collections", "Counter", Global::kCounter},
    {"torch._utils", "_rebuild_tensor_v2", Global::kRebuildTensor},
    {"torch._utils", "_rebuild_tensor_v3", Global::kRebuildTypedTensor},
    {"torch._utils", "_rebuild_parameter", Global::kRebuildParameter},
    {"torch", "Size", Global::kSize},
    {"torch", "device", Global::kDevice},
    {"torch", "UntypedStorage", Global::kUntypedStorage},
    {"torch.storage", "UntypedStorage", Global::kUntypedStorage},
}};

// PyTorch adds no more to these: later dtypes are saved as bytes.
constexpr DTypeNames<12> kStorages = {{
    {DType::kFloat32, "FloatStorage"},
    {DType::kFloat64, "DoubleStorage"},
    {DType::kFloat16, "HalfStorage"},
    {DType::kBFloat16, "BFloat16Storage"},
    {DType::kComplex64, "ComplexFloatStorage"},
    {DType::kComplex128, "ComplexDoubleStorage"},
    {DType::kBool, "BoolStorage"},
    {DType::kInt8, "CharStorage"},
    {DType::kInt16, "ShortStorage"},
    {DType::kInt32, "IntStorage"},
    {DType::kInt64, "LongStorage"},
    {DType::kUInt8, "ByteStorage"},
}};

}  // namespace

std::optional<KnownGlobal> find_global(std::string_view module, std::string_view name) {
  for (const NamedGlobal& known : kGlobals)
    if (known.module == module && known.name == name) return KnownGlobal{known.global, {}};
  if (module != "torch") return std::nullopt;
  if (const auto dtype = dtype_in(kStorages, name)) return KnownGlobal{Global::kStorage, dtype};
  if (const auto dtype = dtype_from_name(name)) return KnownGlobal{Global::kDtype, dtype};
  return std::nullopt;
}

std::string_view storage_name(DType dtype) {
  return name_in(kStorages, dtype);
}

}  // namespace holdfast::exchange
