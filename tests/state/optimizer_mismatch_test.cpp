// An optimizer that does not fit its checkpoint is refused before anything is written.
#include <holdfast/checkpoint/save/plan.h>

#include "state/custom_optimizer.h"
#include "state/training.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

using torch::optim::OptimizerParamGroup;
using Groups = std::vector<OptimizerParamGroup>;

template <typename Optimizer>
MemoryCheckpoint trained(const std::vector<std::vector<at::Tensor>>& groups, Net& net) {
  Optimizer optimizer(Groups(groups.begin(), groups.end()), {0.1});
  train_step(net, optimizer, 0);
  State state;
  state.model("net", net).optimizer("it", optimizer);
  return MemoryCheckpoint(state);
}

void expect_mismatch(const MemoryCheckpoint& checkpoint, Net& net,
                     torch::optim::Optimizer& optimizer, const std::string& words) {
  State state;
  state.model("net", net).optimizer("it", optimizer);
  const MemoryCheckpoint before(state);
  expect_error(ErrorKind::kMismatch, words, [&] { checkpoint.restore(state); });
  EXPECT_TRUE(MemoryCheckpoint(state) == before);
}

TEST(OptimizerMismatch, OfAnotherClass) {
  Net net(1), other(2);
  const auto checkpoint = trained<torch::optim::Adam>({net.parameters()}, net);
  torch::optim::SGD live(other.parameters(), 0.1);
  expect_mismatch(checkpoint, other, live,
                  "optimizers/it: torch::optim::Adam in the checkpoint, torch::optim::SGD here");
}

TEST(OptimizerMismatch, OfAnotherNumberOfGroups) {
  Net net(1), other(2);
  const auto checkpoint = trained<torch::optim::Adam>({net.parameters()}, net);
  const Groups groups{OptimizerParamGroup(other.first->parameters()),
                      OptimizerParamGroup(other.second->parameters())};
  torch::optim::Adam live(groups, {0.1});
  expect_mismatch(checkpoint, other, live,
                  "optimizers/it: 1 parameter groups in the checkpoint, 2 here");
}

TEST(OptimizerMismatch, OfOtherParametersInAGroup) {
  Net net(1), other(2);
  const auto checkpoint = trained<torch::optim::Adam>({net.first->parameters()}, net);
  torch::optim::Adam live(other.second->parameters(), {0.1});
  expect_mismatch(checkpoint, other, live,
                  "optimizers/it/groups/0/params: net/first.weight in the checkpoint, "
                  "net/second.weight here");
}

TEST(OptimizerMismatch, OfFewerParametersInAGroup) {
  Net net(1), other(2);
  const auto checkpoint = trained<torch::optim::Adam>({net.first->parameters()}, net);
  torch::optim::Adam live(std::vector<at::Tensor>{other.first->weight}, {0.1});
  expect_mismatch(checkpoint, other, live,
                  "net/first.bias in the checkpoint, no further parameter");
}

TEST(OptimizerMismatch, IsListedWithWhatElseDoesNotFit) {
  Net net(1), other(2);
  const auto checkpoint = trained<torch::optim::Adam>({net.parameters()}, net);
  other.register_buffer("more", torch::ones({1}));
  torch::optim::SGD live(other.parameters(), 0.1);
  expect_mismatch(checkpoint, other, live, "torch::optim::SGD here");
  expect_mismatch(checkpoint, other, live, "models/net/buffers/more");
}

TEST(OptimizerMismatch, AParameterOfNoModelIsNamedByGroupAndIndex) {
  Net net(1);
  const Groups groups{
      OptimizerParamGroup(net.first->parameters()),
      OptimizerParamGroup({net.second->weight, torch::ones({1}, torch::requires_grad())})};
  torch::optim::SGD optimizer(groups, {0.1});
  State state;
  state.model("net", net).optimizer("it", optimizer);
  expect_error(ErrorKind::kInvalidArgument,
               "optimizers/it: parameter 1 of group 1 belongs to no registered model",
               [&] { capture(state); });
}

TEST(OptimizerMismatch, WithoutSaveAndLoadIsRefusedAtTheFirstSave) {
  Net net(1);
  Forgetful optimizer({OptimizerParamGroup(net.parameters())}, SignOptions(0.1));
  train_step(net, optimizer, 0);
  State state;
  state.model("net", net).optimizer("it", optimizer);
  for (int i = 0; i < 2; ++i)
    expect_error(ErrorKind::kUnsupported,
                 "optimizers/it: the optimizer's state cannot be loaded back",
                 [&] { capture(state); });
}

// Has an option called "params": the entry of that name lists the parameters of the group.
struct ClashingOptions : SignOptions {
  using SignOptions::SignOptions;
  void serialize(torch::serialize::OutputArchive& archive) const override {
    archive.write("params", at::IValue(1));
  }
};

TEST(OptimizerMismatch, TwoValuesOfOneNameAreRefused) {
  Net net(1);
  Sign optimizer({OptimizerParamGroup(net.parameters())}, SignOptions(0.1));
  optimizer.param_groups()[0].set_options(std::make_unique<ClashingOptions>(0.1));
  State state;
  state.model("net", net).optimizer("it", optimizer);
  expect_error(ErrorKind::kInvalidArgument, "optimizers/it/groups/0/params: two entries",
               [&] { plan(capture(state), 1); });
}

TEST(SchedulerMismatch, OfAnotherClass) {
  struct Constant : torch::optim::LRScheduler, Stateful {
    using LRScheduler::LRScheduler;
    std::vector<double> get_lrs() override { return get_current_lrs(); }
    void save(StateWriter&) const override {}
    void load(const StateReader&) override {}
  };
  Net net(1);
  torch::optim::SGD sgd(net.parameters(), 0.1);
  torch::optim::StepLR steps(sgd, 3);
  Constant constant(sgd);
  State state, other;
  state.scheduler("decay", steps);
  other.scheduler("decay", constant);
  const MemoryCheckpoint checkpoint(state);
  expect_error(ErrorKind::kMismatch, "schedulers/decay: torch::optim::StepLR in the checkpoint",
               [&] { checkpoint.restore(other); });
}

}  // namespace
}  // namespace holdfast::testing
