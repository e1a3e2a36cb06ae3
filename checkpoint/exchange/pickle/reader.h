// Reads a pickle of torch.save without running any code that it names.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/exchange/values/value.h>

namespace holdfast::exchange {

inline constexpr std::uint64_t kMaxPickleBytes = 256 << 20;  // a larger one is refused

// Finds the storage of a name, which must have that many bytes. May return null for a storage of no
// bytes. Called once for each name.
using FindStorage =
    std::function<std::shared_ptr<Source>(const std::string& name, std::uint64_t bytes)>;

// The object that a pickle of protocol 2 to 5 describes. `path` is for messages.
//
// The reader knows these globals of Python: OrderedDict, Counter (a dict here), and PyTorch's
// tensors, parameters, storages, dtypes (a string here), sizes and devices. Error(kUnsupported)
// names any other. It also refuses sets, bytes, integers of more than 64 bits, and sparse,
// quantized, expanded, conjugated and other such tensors. What PyTorch keeps beside the entries of
// an OrderedDict (_metadata) is left out.
//
// A view becomes a tensor of its own elements. Equal views of one storage are one tensor. Views
// that share only some elements are an Error(kUnsupported) with the keys that lead to them.
//
// Error(kCorrupt) for a pickle that is damaged, is nested deeper than 64 values, or has more than
// 16 million values; also for one that repeats objects so often that the values take far more
// memory than the pickle.
Value read_pickle(ByteView pickle, const FindStorage& find_storage, const std::string& path);

}  // namespace holdfast::exchange
