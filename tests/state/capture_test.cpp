// What it costs to capture a state again and again, and what the items keep. This is a program of
// its own because it counts allocations.
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <torch/nn/module.h>
#include <torch/optim/adam.h>
#include <torch/types.h>

#include "state/memory_checkpoint.h"
#include "state/tensor_box.h"
#include "support/allocations.h"

namespace holdfast::testing {
namespace {

// A model with parameters, a buffer for each of them, and Adam with its slots.
struct Training {
  explicit Training(int parameters) {
    std::vector<at::Tensor> all;
    for (int i = 0; i < parameters; ++i) {
      const std::string name = "a_parameter_of_a_long_name_" + std::to_string(i);
      all.push_back(net.register_parameter(name, torch::ones({4, 2})));
      net.register_buffer(name + "_buffer", torch::ones({3}));
      net.register_module("a_submodule_of_a_long_name_" + std::to_string(i),
                          std::make_shared<torch::nn::Module>());
    }
    adam = std::make_unique<torch::optim::Adam>(all);
    for (const at::Tensor& parameter : all) parameter.mutable_grad() = torch::ones_like(parameter);
    adam->step();
    state.model("net", net).gradients("net");
    state.optimizer("adam", *adam);
  }

  torch::nn::Module net;
  std::unique_ptr<torch::optim::Adam> adam;
  State state;
};

std::vector<Item> released(std::vector<Item> items) {
  for (const Item& item : items)
    if (item.source != nullptr) item.source->release();
  return items;
}

std::size_t allocations_of_a_repeated_capture(int parameters) {
  const Training training(parameters);
  std::vector<Item> used = released(capture(training.state));
  const std::size_t before = allocations();
  const std::vector<Item> items = capture(training.state, std::move(used));
  return allocations() - before;
}

// Some allocations are allowed: tables and the list of the parameters' names grow by doubling.
TEST(Capture, OfAStateAsItWasAllocatesNothingForATensor) {
  const std::size_t few = allocations_of_a_repeated_capture(50);
  const std::size_t many = allocations_of_a_repeated_capture(1000);
  EXPECT_LT(many, few + 40);
}

TEST(Capture, IntoUsedItemsIsThatIntoNewOnes) {
  TensorBox box;
  const at::Tensor shared = torch::arange(6).reshape({2, 3});
  box.tensors = {{"a", shared}, {"b", shared}, {"c", torch::ones({2}).expand({3, 2})}};
  State tied;
  tied.add("box", box);
  std::int64_t count = 7;
  tied.scalar("count", count);

  const Training large(3), small(2);
  const std::vector<const State*> states = {&large.state, &tied,        &small.state,
                                            &large.state, &small.state, &tied};
  std::vector<Item> used;
  for (const State* const state : states) {
    std::vector<Item> items = capture(*state, std::move(used));
    EXPECT_TRUE(MemoryCheckpoint(items) == MemoryCheckpoint(capture(*state)));
    used = released(std::move(items));
  }
}

TEST(Capture, ThatIsReleasedKeepsNoTensor) {
  Training training(2);
  const at::Tensor parameter = training.net.parameters().front();
  const at::Tensor strided = torch::ones({3, 4}).t();
  TensorBox box;
  box.tensors = {{"strided", strided}};
  training.state.add("box", box);
  const auto uses = [&] { return std::make_pair(parameter.use_count(), strided.use_count()); };
  const auto before = uses();
  std::vector<Item> items = capture(training.state);
  EXPECT_GT(uses().first, before.first);
  items = released(std::move(items));
  EXPECT_EQ(uses(), before);
}

// If somebody still holds a source, it must not be filled with another tensor.
TEST(Capture, LeavesASourceAloneThatIsInUse) {
  const Training ones(1), others(1);
  const torch::NoGradGuard no_grad;
  for (at::Tensor& parameter : others.net.parameters()) parameter.fill_(2);
  std::vector<Item> items = capture(ones.state);
  const std::vector<Item> kept = items;
  items = capture(others.state, std::move(items));
  EXPECT_TRUE(MemoryCheckpoint(kept) == MemoryCheckpoint(capture(ones.state)));
  EXPECT_TRUE(MemoryCheckpoint(items) == MemoryCheckpoint(capture(others.state)));
}

}  // namespace
}  // namespace holdfast::testing
