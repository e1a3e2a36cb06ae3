// A small training in which each step depends only on the state.
#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "state/memory_checkpoint.h"

namespace holdfast::testing {

struct Net : torch::nn::Module {
  explicit Net(double seed) {
    first = register_module("first", torch::nn::Linear(4, 5));
    norm = register_module("norm", torch::nn::BatchNorm1d(5));
    second = register_module("second", torch::nn::Linear(5, 2));
    frozen = register_parameter("frozen", torch::ones({2}), /*requires_grad=*/false);
    const torch::NoGradGuard no_grad;
    for (auto& parameter : parameters()) {
      const auto values = torch::arange(parameter.numel(), torch::kFloat) + seed;
      parameter.copy_(torch::sin(values).reshape(parameter.sizes()));
    }
  }

  at::Tensor forward(const at::Tensor& x) { return second(torch::tanh(norm(first(x)))) * frozen; }

  torch::nn::Linear first{nullptr}, second{nullptr};
  torch::nn::BatchNorm1d norm{nullptr};
  at::Tensor frozen;
};

// Takes one optimizer step, on a batch that depends only on the number of the step.
inline void train_step(Net& net, torch::optim::Optimizer& optimizer, int step) {
  const auto x = torch::sin(torch::arange(32, torch::kFloat) * (step + 1)).reshape({8, 4});
  const auto y = torch::cos(torch::arange(16, torch::kFloat) * (step + 1)).reshape({8, 2});
  optimizer.step([&] {
    optimizer.zero_grad();
    const auto loss = torch::mse_loss(net.forward(x), y);
    loss.backward();
    return loss;
  });
}

// A net and its optimizer, under the names "net" and "optimizer".
template <typename Make>
struct Training {
  Training(double seed, Make make, bool other_options)
      : net(seed), optimizer(make(net, other_options)) {
    state.model("net", net).optimizer("optimizer", *optimizer);
  }

  void train(int from, int to) {
    for (int step = from; step < to; ++step) train_step(net, *optimizer, step);
  }

  Net net;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  State state;
};

}  // namespace holdfast::testing
