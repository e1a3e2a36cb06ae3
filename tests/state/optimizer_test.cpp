// A training that resumes from a checkpoint takes the same steps as one that never stopped.
#include <functional>

#include <holdfast/checkpoint/state/known_optimizers.h>

#include "state/caller_modes.h"
#include "state/custom_optimizer.h"
#include "state/tensor_box.h"
#include "state/training.h"
#include "support/expect_error.h"

namespace holdfast::testing {
namespace {

using torch::optim::OptimizerParamGroup;
using Made = std::unique_ptr<torch::optim::Optimizer>;
using Make = std::function<Made(Net&, bool)>;

// Two groups with different options. With `other`, every option has another value, as after a
// restart with another configuration.
template <typename Optimizer, typename Options>
Made in_two_groups(Net& net, Options first, Options second, const Options& other_one, bool other) {
  std::vector<OptimizerParamGroup> groups;
  auto rest = net.second->parameters();
  rest.push_back(net.frozen);
  for (const auto& parameter : net.norm->parameters()) rest.push_back(parameter);
  groups.emplace_back(net.first->parameters(),
                      std::make_unique<Options>(other ? other_one : std::move(first)));
  groups.emplace_back(rest, std::make_unique<Options>(other ? other_one : std::move(second)));
  return std::make_unique<Optimizer>(std::move(groups), other_one);
}

Made sgd(Net& net, bool other) {
  using torch::optim::SGDOptions;
  return in_two_groups<torch::optim::SGD>(net, SGDOptions(0.1), SGDOptions(0.05).weight_decay(0.1),
                                          SGDOptions(0.7), other);
}

Made sgd_momentum(Net& net, bool other) {
  using torch::optim::SGDOptions;
  return in_two_groups<torch::optim::SGD>(net, SGDOptions(0.1).momentum(0.9),
                                          SGDOptions(0.05).momentum(0.5).dampening(0.2),
                                          SGDOptions(0.7).momentum(0.1), other);
}

Made sgd_nesterov(Net& net, bool other) {
  using torch::optim::SGDOptions;
  return in_two_groups<torch::optim::SGD>(net, SGDOptions(0.1).momentum(0.9).nesterov(true),
                                          SGDOptions(0.05).momentum(0.5), SGDOptions(0.7), other);
}

Made adam(Net& net, bool other) {
  using torch::optim::AdamOptions;
  return in_two_groups<torch::optim::Adam>(
      net, AdamOptions(0.01).betas({0.8, 0.99}).weight_decay(0.2),
      AdamOptions(0.02).betas({0.7, 0.9}).weight_decay(0.1).eps(1e-6),
      AdamOptions(0.5).betas({0.5, 0.6}), other);
}

Made adam_amsgrad(Net& net, bool other) {
  using torch::optim::AdamOptions;
  return in_two_groups<torch::optim::Adam>(net, AdamOptions(0.01).amsgrad(true), AdamOptions(0.02),
                                           AdamOptions(0.5), other);
}

Made adamw(Net& net, bool other) {
  using torch::optim::AdamWOptions;
  return in_two_groups<torch::optim::AdamW>(net, AdamWOptions(0.01).weight_decay(0.2),
                                            AdamWOptions(0.02).amsgrad(true), AdamWOptions(0.5),
                                            other);
}

Made rmsprop(Net& net, bool other) {
  using torch::optim::RMSpropOptions;
  return in_two_groups<torch::optim::RMSprop>(
      net, RMSpropOptions(0.01).centered(true).momentum(0.5), RMSpropOptions(0.02).alpha(0.9),
      RMSpropOptions(0.5), other);
}

Made adagrad(Net& net, bool other) {
  using torch::optim::AdagradOptions;
  return in_two_groups<torch::optim::Adagrad>(net, AdagradOptions(0.1).lr_decay(0.01),
                                              AdagradOptions(0.2).initial_accumulator_value(0.5),
                                              AdagradOptions(0.5), other);
}

Made lbfgs(Net& net, bool other) {
  using torch::optim::LBFGSOptions;
  auto parameters = net.first->parameters();
  for (const auto& parameter : net.second->parameters()) parameters.push_back(parameter);
  return std::make_unique<torch::optim::LBFGS>(
      parameters, other ? LBFGSOptions(0.1).max_iter(2).history_size(2)
                        : LBFGSOptions(0.5).max_iter(3).line_search_fn("strong_wolfe"));
}

Made sign(Net& net, bool other) {
  return in_two_groups<Sign>(net, SignOptions(0.1).limit(7), SignOptions(0.2).mode("soft"),
                             SignOptions(0.9).decay(true), other);
}

struct Recipe {
  const char* name;
  Make make;
};

void PrintTo(const Recipe& recipe, std::ostream* out) {
  *out << recipe.name;
}

class Resume : public ::testing::TestWithParam<Recipe> {};

TEST_P(Resume, TakesTheSameStepsWithOtherOptionsToStartFrom) {
  Training<Make> whole(1, GetParam().make, false);
  whole.train(0, 4);
  const MemoryCheckpoint checkpoint(whole.state);
  Training<Make> resumed(2, GetParam().make, true);
  checkpoint.restore(resumed.state);
  EXPECT_THAT(MemoryCheckpoint(resumed.state).differences(checkpoint), ::testing::IsEmpty());
  whole.train(4, 9);
  resumed.train(4, 9);
  EXPECT_THAT(MemoryCheckpoint(resumed.state).differences(MemoryCheckpoint(whole.state)),
              ::testing::IsEmpty());
}

TEST_P(Resume, IsTheSameWhateverModesTheCallerIsIn) {
  for (const CallerMode& mode : caller_modes()) {
    SCOPED_TRACE(mode.name);
    Training<Make> whole(1, GetParam().make, false), resumed(2, GetParam().make, true);
    whole.train(0, 3);
    in_mode(mode, [&] { MemoryCheckpoint(whole.state).restore(resumed.state); });
    whole.train(3, 5);
    resumed.train(3, 5);
    EXPECT_THAT(MemoryCheckpoint(resumed.state).differences(MemoryCheckpoint(whole.state)),
                ::testing::IsEmpty());
  }
}

TEST_P(Resume, ReplacesTheStateOfStepsTakenSince) {
  Training<Make> training(1, GetParam().make, false);
  training.train(0, 3);
  const MemoryCheckpoint checkpoint(training.state);
  training.train(3, 6);
  const MemoryCheckpoint later(training.state);
  checkpoint.restore(training.state);
  training.train(3, 6);
  EXPECT_THAT(MemoryCheckpoint(training.state).differences(later), ::testing::IsEmpty());
}

TEST_P(Resume, FromBeforeTheFirstStepClearsTheState) {
  Training<Make> fresh(1, GetParam().make, false);
  const MemoryCheckpoint checkpoint(fresh.state);
  Training<Make> used(2, GetParam().make, true);
  used.train(0, 3);
  checkpoint.restore(used.state);
  EXPECT_TRUE(MemoryCheckpoint(used.state) == checkpoint);
  fresh.train(0, 3);
  used.train(0, 3);
  EXPECT_THAT(MemoryCheckpoint(used.state).differences(MemoryCheckpoint(fresh.state)),
              ::testing::IsEmpty());
}

TEST_P(Resume, IsNotDisturbedBySaving) {
  Training<Make> saved(1, GetParam().make, false), plain(1, GetParam().make, false);
  for (int step = 0; step < 5; ++step) {
    saved.train(step, step + 1);
    const MemoryCheckpoint checkpoint(saved.state);
  }
  plain.train(0, 5);
  EXPECT_TRUE(MemoryCheckpoint(saved.state) == MemoryCheckpoint(plain.state));
}

TEST_P(Resume, TakesTheSlotsThatTheStateSerializes) {
  Training<Make> training(1, GetParam().make, false);
  training.train(0, 2);
  for (const auto& [key, state] : training.optimizer->state()) {
    const ArchiveValues serial = serialized(*state);
    ArchiveValues slots;
    for_each_slot(*state, [&](const std::string& name, const at::IValue& value) {
      slots.emplace_back(name, value);
    });
    ASSERT_EQ(slots.size(), serial.size());
    for (std::size_t i = 0; i < slots.size(); ++i) {
      EXPECT_EQ(slots[i].first, serial[i].first);
      EXPECT_EQ(slots[i].second.tagKind(), serial[i].second.tagKind());
      if (slots[i].second.isTensor() || slots[i].second.isInt()) {
        EXPECT_TRUE(slots[i].second.is(serial[i].second)) << slots[i].first;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    EachOptimizer, Resume,
    ::testing::Values(Recipe{"SGD", sgd}, Recipe{"SGDMomentum", sgd_momentum},
                      Recipe{"SGDNesterov", sgd_nesterov}, Recipe{"Adam", adam},
                      Recipe{"AdamAmsgrad", adam_amsgrad}, Recipe{"AdamW", adamw},
                      Recipe{"RMSprop", rmsprop}, Recipe{"Adagrad", adagrad},
                      Recipe{"LBFGS", lbfgs}, Recipe{"Custom", sign}),
    [](const ::testing::TestParamInfo<Recipe>& info) { return info.param.name; });

TEST(Optimizer, RestoresTheOptionsOfEachGroup) {
  Training<Make> saved(1, adam, false), live(2, adam, true);
  saved.train(0, 1);
  MemoryCheckpoint(saved.state).restore(live.state);
  const auto options = [&](int group) -> auto& {
    return static_cast<torch::optim::AdamOptions&>(live.optimizer->param_groups()[group].options());
  };
  EXPECT_EQ(options(0).lr(), 0.01);
  EXPECT_EQ(options(0).betas(), std::make_tuple(0.8, 0.99));
  EXPECT_EQ(options(0).weight_decay(), 0.2);
  EXPECT_EQ(options(1).lr(), 0.02);
  EXPECT_EQ(options(1).betas(), std::make_tuple(0.7, 0.9));
  EXPECT_EQ(options(1).weight_decay(), 0.1);
  EXPECT_EQ(options(1).eps(), 1e-6);
}

TEST(Optimizer, IsStoredByTheNamesOfItsParameters) {
  Training<Make> training(1, adam, false);
  training.train(0, 2);
  const MemoryCheckpoint checkpoint(training.state);
  const std::string root = "optimizers/optimizer/";
  EXPECT_EQ(checkpoint.text(root + "type"), "torch::optim::Adam");
  EXPECT_EQ(checkpoint.text(root + "groups/0/params"), "net/first.weight\nnet/first.bias");
  EXPECT_EQ(checkpoint.find(root + "groups/0/lr")->kind, Kind::kScalar);
  EXPECT_EQ(checkpoint.text(root + "groups/0/betas/type"), "tuple");
  EXPECT_EQ(checkpoint.find(root + "groups/0/betas/1")->dtype, DType::kFloat64);
  EXPECT_EQ(checkpoint.find(root + "state/net/first.weight/exp_avg")->shape, (Shape{5, 4}));
  EXPECT_EQ(checkpoint.find(root + "state/net/first.weight/step")->dtype, DType::kInt64);
  EXPECT_EQ(checkpoint.find(root + "state/net/frozen/exp_avg"), nullptr);
}

TEST(Optimizer, KeepsAParameterThatItHoldsTwice) {
  const auto make = [](Net& net) {
    auto parameters = net.parameters();
    parameters.push_back(net.first->weight);
    return std::make_unique<torch::optim::Adam>(parameters, torch::optim::AdamOptions(0.01));
  };
  Net net(1), other(2);
  const auto optimizer = make(net), resumed = make(other);
  State state, restored;
  state.model("net", net).optimizer("adam", *optimizer);
  restored.model("net", other).optimizer("adam", *resumed);
  train_step(net, *optimizer, 0);
  MemoryCheckpoint(state).restore(restored);
  train_step(net, *optimizer, 1);
  train_step(other, *resumed, 1);
  EXPECT_TRUE(MemoryCheckpoint(state) == MemoryCheckpoint(restored));
}

TEST(Optimizer, MaySpanSeveralModels) {
  torch::nn::Linear a(2, 2), b(2, 2);
  auto parameters = a->parameters();
  for (const auto& parameter : b->parameters()) parameters.push_back(parameter);
  torch::optim::SGD optimizer(parameters, torch::optim::SGDOptions(0.1).momentum(0.9));
  b->forward(a->forward(torch::ones({1, 2}))).sum().backward();
  optimizer.step();
  State state;
  state.model("a", a).model("b", b).optimizer("both", optimizer);
  const MemoryCheckpoint checkpoint(state);
  EXPECT_NE(checkpoint.find("optimizers/both/state/a/weight/momentum_buffer"), nullptr);
  EXPECT_NE(checkpoint.find("optimizers/both/state/b/bias/momentum_buffer"), nullptr);
}

TEST(Scheduler, OfLibTorchGoesOnAtTheStepItWasAt) {
  Net net(1), other(1);
  torch::optim::SGD sgd(net.parameters(), 0.1), resumed(other.parameters(), 0.7);
  torch::optim::StepLR decay(sgd, 3, 0.5), fresh(resumed, 3, 0.5);
  State state, restored;
  state.model("net", net).optimizer("sgd", sgd).scheduler("decay", decay);
  restored.model("net", other).optimizer("sgd", resumed).scheduler("decay", fresh);
  for (int i = 0; i < 4; ++i) decay.step();
  MemoryCheckpoint(state).restore(restored);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(resumed.param_groups()[0].options().get_lr(),
              sgd.param_groups()[0].options().get_lr());
    decay.step();
    fresh.step();
  }
  EXPECT_TRUE(MemoryCheckpoint(state) == MemoryCheckpoint(restored));
}

}  // namespace
}  // namespace holdfast::testing
