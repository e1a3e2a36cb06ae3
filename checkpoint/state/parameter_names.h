// The names of parameters, found by the tensor.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/flat_hash_map.h>
#include <string>

namespace holdfast {

// "<model>/<dotted.name>", escaped and joined, of every parameter of the registered models. A
// parameter that is registered under several names has the first of them.
class ParameterNames {
 public:
  void add(const at::Tensor& parameter, const std::string& name);  // refers to the name
  const std::string* find(const at::Tensor& parameter) const;      // nullptr: of no model
  std::size_t size() const { return names_.size(); }

 private:
  // By the address of what LibTorch's optimizers, too, take for a parameter's identity.
  ska::flat_hash_map<const c10::TensorImpl*, const std::string*> names_;
};

}  // namespace holdfast
