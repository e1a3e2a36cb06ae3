// Finds the name of a parameter by its tensor.
#pragma once

#include <ATen/core/Tensor.h>
#include <c10/util/flat_hash_map.h>
#include <string>

namespace holdfast {

// Has the name "<model>/<dotted.name>", escaped and joined, of every parameter of the registered
// models. A parameter with several names is found under the first.
class ParameterNames {
 public:
  void add(const at::Tensor& parameter, const std::string& name);  // keeps a reference to `name`
  const std::string* find(const at::Tensor& parameter) const;      // nullptr if it is of no model
  std::size_t size() const { return names_.size(); }

 private:
  // The key is the TensorImpl, since that is also what LibTorch's optimizers know a parameter by.
  ska::flat_hash_map<const c10::TensorImpl*, const std::string*> names_;
};

}  // namespace holdfast
