#include <holdfast/trainer/optimizers.h>

#include <gmock/gmock.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <holdfast/trainer/models.h>

#include "support/thrown.h"

namespace holdfast::trainer {
namespace {

using holdfast::testing::error_of;
using ::testing::AllOf;
using ::testing::HasSubstr;

class Optimizers : public ::testing::Test {
 protected:
  Optimizers() {
    ModelConfig model;
    model.layers = {4, 3, 2};
    models_.emplace("a", build_model(model));
    models_.emplace("b", build_model(model));
    config_.name = "o";
    config_.models = {"a"};
    use(OptimizerType::kAdam);
  }

  void use(OptimizerType type) {
    config_.type = type;
    config_.options = default_options(type);
  }

  void add_group(const std::string& match, double lr) {
    config_.groups.push_back({match, config_.options});
    config_.groups.back().options.lr = lr;
  }

  std::unique_ptr<torch::optim::Optimizer> build() const {
    return build_optimizer(config_, models_);
  }

  at::Tensor parameter(const std::string& model, const std::string& name) {
    return models_.at(model)->named_parameters()[name];
  }

  template <typename Options>
  static const Options& options(const torch::optim::Optimizer& optimizer, std::size_t group = 0) {
    return dynamic_cast<const Options&>(optimizer.param_groups()[group].options());
  }

  std::map<std::string, Mlp> models_;
  OptimizerConfig config_;
};

bool holds(const torch::optim::OptimizerParamGroup& group, const at::Tensor& parameter) {
  for (const at::Tensor& held : group.params())
    if (held.is_same(parameter)) return true;
  return false;
}

TEST_F(Optimizers, WithoutGroupsAllParametersAreInOne) {
  const auto optimizer = build();
  ASSERT_EQ(optimizer->param_groups().size(), 1u);
  EXPECT_EQ(optimizer->param_groups()[0].params().size(), 4u);
}

TEST_F(Optimizers, TheFirstGroupThatMatchesTakesAParameterAndTheLastGroupHoldsTheRest) {
  add_group("fc1.*", 0.5);
  add_group("*.bias", 0.25);
  const auto optimizer = build();
  const auto& groups = optimizer->param_groups();
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_TRUE(holds(groups[0], parameter("a", "fc1.weight")));
  EXPECT_TRUE(holds(groups[0], parameter("a", "fc1.bias")));
  EXPECT_TRUE(holds(groups[1], parameter("a", "fc2.bias")));
  EXPECT_TRUE(holds(groups[2], parameter("a", "fc2.weight")));
  EXPECT_EQ(groups[0].options().get_lr(), 0.5);
  EXPECT_EQ(groups[1].options().get_lr(), 0.25);
  EXPECT_EQ(groups[2].options().get_lr(), config_.options.lr);
}

TEST_F(Optimizers, ThereIsNoGroupOfTheRestWhenNothingIsLeft) {
  add_group("*", 0.5);
  EXPECT_EQ(build()->param_groups().size(), 1u);
}

TEST_F(Optimizers, AGroupCanBeOneModelOfSeveral) {
  config_.models = {"a", "b"};
  add_group("b/*", 0.5);
  const auto optimizer = build();
  const auto& groups = optimizer->param_groups();
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_TRUE(holds(groups[0], parameter("b", "fc1.weight")));
  EXPECT_TRUE(holds(groups[1], parameter("a", "fc1.weight")));
}

TEST_F(Optimizers, AParameterOfTwoModelsIsSteppedOnce) {
  models_.insert_or_assign("b", Mlp(models_.at("a")));
  config_.models = {"a", "b"};
  EXPECT_EQ(build()->param_groups()[0].params().size(), 4u);
}

TEST_F(Optimizers, AGroupThatTakesNothingIsAnErrorThatNamesTheParameters) {
  add_group("conv*", 0.5);
  EXPECT_THAT(error_of([&] { build(); }).what(),
              AllOf(HasSubstr("'optimizers.o.groups.0.match' takes no parameter"),
                    HasSubstr("a/fc1.weight, a/fc1.bias"), HasSubstr("found 'conv*'")));
}

TEST_F(Optimizers, AGroupBehindOneThatTakesAllIsAnError) {
  add_group("*", 0.5);
  add_group("fc1.*", 0.5);
  EXPECT_THAT(error_of([&] { build(); }).what(), HasSubstr("'optimizers.o.groups.1.match'"));
}

TEST_F(Optimizers, AModelThatIsNotThereIsAnError) {
  config_.models = {"c"};
  EXPECT_EQ(error_of([&] { build(); }).kind(), ErrorKind::kInvalidArgument);
}

// Some versions of LibTorch put the optimizer's option where a group has the default of its class.
TEST_F(Optimizers, AGroupKeepsAnOptionThatIsTheDefaultOfItsClass) {
  use(OptimizerType::kAdamW);
  config_.options.lr = 0.5;
  config_.options.eps = 0.25;
  add_group("*.bias", 1e-3);
  config_.groups[0].options.eps = 1e-8;
  const auto optimizer = build();
  EXPECT_EQ(options<torch::optim::AdamWOptions>(*optimizer, 0).lr(), 1e-3);
  EXPECT_EQ(options<torch::optim::AdamWOptions>(*optimizer, 0).eps(), 1e-8);
  EXPECT_EQ(options<torch::optim::AdamWOptions>(*optimizer, 1).eps(), 0.25);
}

TEST_F(Optimizers, SgdHasItsOptions) {
  use(OptimizerType::kSgd);
  config_.options.momentum = 0.9;
  config_.options.weight_decay = 0.1;
  config_.options.nesterov = true;
  const auto optimizer = build();
  const auto& built = options<torch::optim::SGDOptions>(*optimizer);
  EXPECT_EQ(built.lr(), 0.01);
  EXPECT_EQ(built.momentum(), 0.9);
  EXPECT_EQ(built.weight_decay(), 0.1);
  EXPECT_TRUE(built.nesterov());
}

TEST_F(Optimizers, AdamHasItsOptions) {
  config_.options.beta1 = 0.8;
  config_.options.beta2 = 0.7;
  config_.options.amsgrad = true;
  const auto optimizer = build();
  const auto& built = options<torch::optim::AdamOptions>(*optimizer);
  EXPECT_EQ(built.betas(), std::make_tuple(0.8, 0.7));
  EXPECT_TRUE(built.amsgrad());
}

TEST_F(Optimizers, RmspropHasItsOptions) {
  use(OptimizerType::kRmsprop);
  config_.options.alpha = 0.5;
  config_.options.centered = true;
  const auto optimizer = build();
  const auto& built = options<torch::optim::RMSpropOptions>(*optimizer);
  EXPECT_EQ(built.alpha(), 0.5);
  EXPECT_TRUE(built.centered());
}

TEST_F(Optimizers, AdagradStartsItsSumsFromTheInitialValueInEveryGroup) {
  use(OptimizerType::kAdagrad);
  config_.options.lr_decay = 0.5;
  config_.options.initial_accumulator_value = 2;
  add_group("*.bias", 0.1);
  const auto optimizer = build();
  EXPECT_EQ(options<torch::optim::AdagradOptions>(*optimizer).lr_decay(), 0.5);
  for (const auto& entry : optimizer->state()) {
    const auto& state = static_cast<const torch::optim::AdagradParamState&>(*entry.second);
    EXPECT_TRUE(at::equal(state.sum(), at::full_like(state.sum(), 2)));
  }
  EXPECT_EQ(optimizer->state().size(), 4u);
}

TEST_F(Optimizers, DefaultOptionsAreThoseOfLibTorch) {
  use(OptimizerType::kAdamW);
  EXPECT_TRUE(options<torch::optim::AdamWOptions>(*build()) == torch::optim::AdamWOptions());
  use(OptimizerType::kAdam);
  EXPECT_TRUE(options<torch::optim::AdamOptions>(*build()) == torch::optim::AdamOptions());
  use(OptimizerType::kRmsprop);
  EXPECT_TRUE(options<torch::optim::RMSpropOptions>(*build()) == torch::optim::RMSpropOptions());
  use(OptimizerType::kAdagrad);
  EXPECT_TRUE(options<torch::optim::AdagradOptions>(*build()) == torch::optim::AdagradOptions());
}

TEST_F(Optimizers, EveryTypeTakesAStep) {
  for (const auto type : {OptimizerType::kSgd, OptimizerType::kAdam, OptimizerType::kAdamW,
                          OptimizerType::kRmsprop, OptimizerType::kAdagrad}) {
    use(type);
    const auto optimizer = build();
    const at::Tensor before = parameter("a", "fc2.bias").detach().clone();
    optimizer->zero_grad();
    models_.at("a")->forward(at::ones({2, 4})).sum().backward();
    optimizer->step();
    EXPECT_FALSE(at::equal(parameter("a", "fc2.bias"), before));
  }
}

TEST_F(Optimizers, SetOptionsPutsTheConfigurationBack) {
  add_group("*.bias", 0.5);
  const auto optimizer = build();
  for (auto& group : optimizer->param_groups()) group.options().set_lr(7);
  set_options(*optimizer, config_);
  EXPECT_EQ(optimizer->param_groups()[0].options().get_lr(), 0.5);
  EXPECT_EQ(optimizer->param_groups()[1].options().get_lr(), config_.options.lr);
}

}  // namespace
}  // namespace holdfast::trainer
