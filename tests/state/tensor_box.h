// Objects that hold tensors, to be saved and restored.
#pragma once

#include <torch/torch.h>

#include <cstring>
#include <map>
#include <string>

#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast::testing {

// A model that has only buffers.
struct BufferBox : torch::nn::Module {
  BufferBox& with(const std::string& name, const at::Tensor& tensor) {
    register_buffer(name, tensor);
    return *this;
  }
};

// A user's object with tensors.
struct TensorBox : Stateful {
  std::map<std::string, at::Tensor> tensors;

  void save(StateWriter& writer) const override {
    for (const auto& [name, tensor] : tensors) writer.tensor(name, tensor);
  }
  void load(const StateReader& reader) override {
    tensors.clear();
    for (const std::string& name : reader.names()) tensors[name] = reader.tensor(name);
  }
};

// True if both have the same type and shape, and all bits are the same (NaN equals NaN, -0 is not
// 0).
inline bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  if (a.scalar_type() != b.scalar_type() || !a.sizes().equals(b.sizes())) return false;
  const at::Tensor left = a.detach().resolve_conj().resolve_neg().contiguous();
  const at::Tensor right = b.detach().resolve_conj().resolve_neg().contiguous();
  return left.nbytes() == 0 || std::memcmp(left.data_ptr(), right.data_ptr(), left.nbytes()) == 0;
}

}  // namespace holdfast::testing
