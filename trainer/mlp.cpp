#include <holdfast/trainer/mlp.h>

#include <string>

#include <torch/nn/functional/activation.h>

namespace holdfast::trainer {
namespace {

at::Tensor activate(Activation activation, const at::Tensor& input) {
  switch (activation) {
    case Activation::kLeakyRelu:
      return at::leaky_relu(input);
    case Activation::kGelu:
      return at::gelu(input);
    case Activation::kSilu:
      return at::silu(input);
    case Activation::kTanh:
      return at::tanh(input);
    case Activation::kSigmoid:
      return at::sigmoid(input);
    case Activation::kRelu:
      break;
  }
  return at::relu(input);
}

}  // namespace

MlpImpl::MlpImpl(const ModelConfig& config) : activation_(config.activation) {
  for (std::size_t i = 1; i < config.layers.size(); ++i) {
    const std::string number = std::to_string(i);
    const std::int64_t outputs = config.layers[i];
    layers_.push_back(
        register_module("fc" + number, torch::nn::Linear(config.layers[i - 1], outputs)));
    if (i + 1 == config.layers.size()) break;
    if (config.batch_norm)
      norms_.push_back(register_module("bn" + number, torch::nn::BatchNorm1d(outputs)));
    if (config.dropout > 0)
      dropouts_.push_back(register_module("dropout" + number, torch::nn::Dropout(config.dropout)));
  }
}

at::Tensor MlpImpl::forward(const at::Tensor& input) {
  at::Tensor x = layers_.front()->forward(input.flatten(1));
  for (std::size_t i = 1; i < layers_.size(); ++i) {
    if (!norms_.empty()) x = norms_[i - 1]->forward(x);
    x = activate(activation_, x);
    if (!dropouts_.empty()) x = dropouts_[i - 1]->forward(x);
    x = layers_[i]->forward(x);
  }
  return x;
}

}  // namespace holdfast::trainer
