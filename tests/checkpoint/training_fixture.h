// A small training in a run directory of its own, with verbs.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <holdfast/checkpoint/checkpointer.h>
#include <holdfast/checkpoint/format/run_names.h>

#include "support/temporary_directory.h"

namespace holdfast::testing {

// A linear model under Adam, that learns from the default generator's numbers.
struct Training {
  explicit Training(std::int64_t width = 4) : net(width, 3), adam(net->parameters(), 0.01) {
    state.model("net", net).optimizer("adam", adam).scalar("step", step).rng();
  }

  void train_one_step() {
    adam.zero_grad();
    net->forward(torch::randn({8, net->options.in_features()})).square().mean().backward();
    adam.step();
    ++step;
  }
  void train_to(std::int64_t end) {
    while (step < end) train_one_step();
  }
  torch::Tensor weight() const { return net->weight.detach().clone(); }

  torch::nn::Linear net;
  torch::optim::Adam adam;
  std::int64_t step = 0;
  State state;
};

class CheckpointerTest : public ::testing::Test {
 protected:
  CheckpointerTest() { torch::manual_seed(1); }

  std::string run() const { return directory_ / "run"; }
  std::string path_of(std::int64_t step) const {
    return run() + "/" + format::kCheckpointsDirectory + "/" + format::step_directory_name(step);
  }
  void damage(std::int64_t step, const std::string& file = "shard-00000-of-00001.h5") const {
    std::filesystem::resize_file(path_of(step) + "/" + file, 1);
  }

  // Options that put each event's name into events_.
  Options recorded(Options options = {}) {
    options.on_event = [this](const Event& event) {
      const std::lock_guard<std::mutex> lock(mutex_);
      events_.push_back(event.name);
    };
    return options;
  }
  std::vector<std::string> events() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return events_;
  }

  // Trains to each of the steps and saves there.
  void train_and_save(const std::vector<std::int64_t>& steps, Options options = {}) {
    Training training;
    Checkpointer checkpoints(run(), std::move(options));
    for (const std::int64_t step : steps) {
      training.train_to(step);
      checkpoints.save(step, training.state);
    }
    checkpoints.wait();
  }

 private:
  TemporaryDirectory directory_;
  std::mutex mutex_;
  std::vector<std::string> events_;
};

}  // namespace holdfast::testing
