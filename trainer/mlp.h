// A multilayer perceptron.
#pragma once

#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <holdfast/trainer/model_config.h>

namespace holdfast::trainer {

// Linear layers fc1, fc2, …; between two of them, in this order: batch norm (bn1, …), the
// activation, dropout (dropout1, …). The output is that of the last layer: logits. Weights are
// drawn from the default generator.
class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(const ModelConfig& config);  // of type kMlp, with two sizes or more

  at::Tensor forward(
      const at::Tensor& input);  // [B, …] -> [B, last size]; dimensions are flattened

 private:
  Activation activation_;
  std::vector<torch::nn::Linear> layers_;
  std::vector<torch::nn::BatchNorm1d> norms_;  // empty: no batch norm
  std::vector<torch::nn::Dropout> dropouts_;   // empty: no dropout
};

TORCH_MODULE(Mlp);

}  // namespace holdfast::trainer
