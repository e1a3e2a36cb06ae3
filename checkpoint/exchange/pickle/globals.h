// The globals of Python that a pickle of PyTorch may name. Internal to exchange/.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/item/dtype.h>

namespace holdfast::exchange {

enum class Global {
  kOrderedDict,
  kCounter,
  kRebuildTensor,       // _rebuild_tensor_v2: the storage has the dtype
  kRebuildTypedTensor,  // _rebuild_tensor_v3: the dtype is an argument
  kRebuildParameter,
  kSize,
  kDevice,
  kStorage,         // of a dtype
  kUntypedStorage,  // of bytes
  kDtype,
};

struct KnownGlobal {
  Global global;
  std::optional<DType> dtype;  // of kStorage and kDtype
};

// "torch._utils", "_rebuild_tensor_v2"; empty for one that is not known.
std::optional<KnownGlobal> find_global(std::string_view module, std::string_view name);

// "FloatStorage"; empty for a dtype that PyTorch saves as bytes.
std::string_view storage_name(DType dtype);

}  // namespace holdfast::exchange
