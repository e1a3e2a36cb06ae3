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

// Linear layers fc1, fc2, …. Between two of them, in this order: batch norm (bn1, …), the
// activation, dropout (dropout1, …). The output is that of the last linear layer: logits. The
// constructor draws the weights from the default generator.
class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(const ModelConfig& config);  // of type kMlp, with two sizes or more

  // [B, …] -> [B, last size]. Flattens all dimensions but the first.
  at::Tensor forward(const at::Tensor& input);

 private:
  Activation activation_;
  std::vector<torch::nn::Linear> layers_;
  std::vector<torch::nn::BatchNorm1d> norms_;  // empty if there is no batch norm
  std::vector<torch::nn::Dropout> dropouts_;   // empty if there is no dropout
};

TORCH_MODULE(Mlp);

}  // namespace holdfast::trainer
