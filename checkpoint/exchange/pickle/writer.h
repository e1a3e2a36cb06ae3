// Writes a pickle that Python's torch.load reads, also with weights_only=True.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/values/value.h>

namespace holdfast::exchange {

struct Pickle {
  // The pickle refers to storages by their index. Tied tensors share a storage.
  struct Storage {
    std::string name;  // of its first tensor: "model/fc1.weight"
    std::shared_ptr<const Tensor> tensor;
  };

  std::string bytes;  // protocol 2
  std::vector<Storage> storages;
};

// Error(kUnsupported) names a string that is not UTF-8.
Pickle write_pickle(const Value& value);

}  // namespace holdfast::exchange
