// A training that loads the CPU as a user's would: a perceptron with Adam, whose batches are made
// on the CPU.
#pragma once

#include <holdfast/checkpoint/state/state.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/optim/adam.h>

#include <cstdint>
#include <functional>

namespace holdfast::bench {

class Training {
 public:
  // Three layers of width x width; each batch has `batch` rows.
  Training(std::int64_t width, std::int64_t batch);

  void forward_backward();  // of one batch, until the gradients are there
  void optimizer_step() { adam_.step(); }

  void add_to(State& state);
  static std::uint64_t state_bytes(std::int64_t width);  // parameters and two slots of Adam
  std::int64_t state_tensors() const;

 private:
  std::int64_t width_, batch_;
  torch::nn::Sequential net_;
  torch::optim::Adam adam_;
};

// Work without an optimizer: forward and backward passes that take about this long if nothing else
// runs.
class Compute {
 public:
  explicit Compute(double seconds);
  void run();

 private:
  Training training_;
  int passes_ = 0;
};

}  // namespace holdfast::bench
