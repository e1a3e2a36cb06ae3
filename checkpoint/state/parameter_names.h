// The names of parameters, found by the tensor.
#pragma once

#include <string>
#include <unordered_map>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

namespace holdfast {

// "<model>/<dotted.name>", escaped and joined, of every parameter of the models added. A parameter
// that is registered under several names has the first of them.
class ParameterNames {
 public:
  void add(const std::string& model, const torch::nn::Module& module);
  const std::string* find(const at::Tensor& parameter) const;  // nullptr: of no model

 private:
  // By the address of what LibTorch's optimizers, too, take for a parameter's identity.
  std::unordered_map<const c10::TensorImpl*, std::string> names_;
};

}  // namespace holdfast
