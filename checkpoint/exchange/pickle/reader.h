// Pickles, as torch.save writes them, read without running anything that they say.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/exchange/values/value.h>

namespace holdfast::exchange {

inline constexpr std::uint64_t kMaxPickleBytes = 256 << 20;  // a larger one is refused

// The storage of that name, which must have so many bytes; null for none. Called once for each
// name.
using FindStorage =
    std::function<std::shared_ptr<Source>(const std::string& name, std::uint64_t bytes)>;

// The object that the pickle makes: protocols 2 to 5. Instructions that could build anything are
// not carried out: of the globals of Python only OrderedDict, Counter (a dict here), and PyTorch's
// tensors, parameters, storages, dtypes (a string here), sizes and devices are known, and another
// is an Error(kUnsupported) with its name. So are sets, bytes, integers of more than 64 bits, and
// sparse, quantized, expanded, conjugated and other such tensors. A view becomes a tensor of its
// own elements; the same view of the same storage is the same tensor, and others that share
// elements are refused, by the keys that lead to them. What PyTorch keeps beside the
// entries of an OrderedDict (_metadata) is left out.
//
// A pickle that is damaged, or nested deeper than 64 values, or of more than 16 million, is an
// Error(kCorrupt); so is one that makes much of little by repeating itself: memory stays in
// proportion to the pickle. `path` is for messages.
Value read_pickle(ByteView pickle, const FindStorage& find_storage, const std::string& path);

}  // namespace holdfast::exchange
