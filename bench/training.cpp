#include "training.h"

#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/linear.h>
#include <torch/torch.h>

#include "stopwatch.h"

namespace holdfast::bench {
namespace {

torch::nn::Sequential make_net(std::int64_t width) {
  using torch::nn::Linear;
  using torch::nn::ReLU;
  return torch::nn::Sequential(Linear(width, width), ReLU(), Linear(width, width), ReLU(),
                               Linear(width, width));
}

}  // namespace

Training::Training(std::int64_t width, std::int64_t batch)
    : width_(width), batch_(batch), net_(make_net(width)), adam_(net_->parameters()) {}

void Training::forward_backward() {
  const torch::Tensor x = torch::rand({batch_, width_});
  adam_.zero_grad();
  const torch::Tensor loss = torch::mse_loss(net_->forward(x), x.sin());
  loss.backward();
}

void Training::add_to(State& state) {
  state.model("net", net_).optimizer("adam", adam_).rng();
}

std::uint64_t Training::state_bytes(std::int64_t width) {
  const auto layer = static_cast<std::uint64_t>(width * width + width);
  return 3 * 3 * layer * sizeof(float);
}

std::int64_t Training::state_tensors() const {
  return 3 * static_cast<std::int64_t>(net_->parameters().size());
}

Compute::Compute(double seconds) : training_(512, 256) {
  training_.forward_backward();
  const Stopwatch stopwatch;
  for (; stopwatch.seconds() < seconds; ++passes_) training_.forward_backward();
}

void Compute::run() {
  for (int i = 0; i < passes_; ++i) training_.forward_backward();
}

}  // namespace holdfast::bench
