#include "model.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstdio>

namespace holdfast::bench {
namespace {

class Tensors final : public torch::nn::Module {
 public:
  Tensors(std::int64_t count, const std::vector<std::int64_t>& shape) {
    const torch::NoGradGuard no_grad;
    for (std::int64_t i = 0; i < count; ++i)
      register_parameter(name_of(i), torch::rand(shape), /*requires_grad=*/false);
  }

 private:
  static std::string name_of(std::int64_t i) {
    char name[32];
    std::snprintf(name, sizeof name, "tensor_%06lld", static_cast<long long>(i));
    return name;
  }
};

}  // namespace

std::vector<std::int64_t> shape_of_each(std::uint64_t bytes, std::int64_t tensors) {
  constexpr std::int64_t kRow = 1024;
  const auto share = static_cast<std::int64_t>(bytes / sizeof(float)) / tensors;
  const std::int64_t numbers = std::max<std::int64_t>(1, share);
  if (numbers >= 2 * kRow) return {numbers / kRow, kRow};
  return {numbers};
}

std::shared_ptr<torch::nn::Module> make_model(std::uint64_t bytes, std::int64_t tensors) {
  return std::make_shared<Tensors>(tensors, shape_of_each(bytes, tensors));
}

std::uint64_t bytes_of(const torch::nn::Module& model) {
  std::uint64_t bytes = 0;
  for (const torch::Tensor& parameter : model.parameters()) bytes += parameter.nbytes();
  return bytes;
}

void take_step(const torch::nn::Module& model) {
  const torch::NoGradGuard no_grad;
  for (torch::Tensor& parameter : model.parameters()) parameter.add_(1);
}

}  // namespace holdfast::bench
