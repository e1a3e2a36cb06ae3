// The names of parameters, found by the tensor.
#pragma once

#include <string>
#include <unordered_map>

#include <ATen/core/Tensor.h>

namespace holdfast {

// "<model>/<dotted.name>", escaped and joined, of every parameter of the registered models. A
// parameter that is registered under several names has the first of them.
class ParameterNames {
 public:
  void add(const at::Tensor& parameter, const std::string& name);  // refers to the name
  const std::string* find(const at::Tensor& parameter) const;      // nullptr: of no model

 private:
  // By the address of what LibTorch's optimizers, too, take for a parameter's identity.
  std::unordered_map<const c10::TensorImpl*, const std::string*> names_;
};

}  // namespace holdfast
