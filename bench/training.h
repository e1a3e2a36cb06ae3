// A training to put a load on the CPU, as a user's would be: a perceptron and Adam, batches made on
// the CPU.
#pragma once

#include <holdfast/checkpoint/state/state.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/optim/adam.h>

#include <cstdint>
#include <functional>

namespace holdfast::bench {

class Training {
 public:
  // Three layers of width x width, and a batch of that many rows.
  Training(std::int64_t width, std::int64_t batch);

  void forward_backward();  // one batch, up to the gradients
  void optimizer_step() { adam_.step(); }

  void add_to(State& state);
  static std::uint64_t state_bytes(std::int64_t width);  // parameters and two slots of Adam
  std::int64_t state_tensors() const;

 private:
  std::int64_t width_, batch_;
  torch::nn::Sequential net_;
  torch::optim::Adam adam_;
};

// Work of one length, without an optimizer: forward and backward passes that take about so long
// when nothing else runs.
class Compute {
 public:
  explicit Compute(double seconds);
  void run();

 private:
  Training training_;
  int passes_ = 0;
};

}  // namespace holdfast::bench
