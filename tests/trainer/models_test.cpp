#include <holdfast/trainer/models.h>

#include <gmock/gmock.h>
#include <torch/utils.h>

#include "support/thrown.h"

namespace holdfast::trainer {
namespace {

using holdfast::testing::error_of;
using ::testing::ElementsAre;

ModelConfig mlp_config(std::vector<std::int64_t> layers) {
  ModelConfig config;
  config.name = "mlp";
  config.layers = std::move(layers);
  return config;
}

ModelConfig average_config(double decay) {
  ModelConfig config;
  config.name = "ema";
  config.type = ModelType::kAverage;
  config.average_of = "mlp";
  config.decay = decay;
  return config;
}

bool equal_weights(const torch::nn::Module& a, const torch::nn::Module& b) {
  const auto x = a.named_parameters(), y = b.named_parameters();
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!at::equal(x[i].value(), y[i].value())) return false;
  return x.size() == y.size();
}

TEST(Mlp, NamesItsLayersFromTheInputOn) {
  ModelConfig config = mlp_config({4, 3, 3, 2});
  config.batch_norm = true;
  EXPECT_THAT(build_model(config)->named_parameters().keys(),
              ElementsAre("fc1.weight", "fc1.bias", "bn1.weight", "bn1.bias", "fc2.weight",
                          "fc2.bias", "bn2.weight", "bn2.bias", "fc3.weight", "fc3.bias"));
}

TEST(Mlp, FlattensItsInputAndGivesOneRowASample) {
  Mlp model = build_model(mlp_config({12, 5, 2}));
  EXPECT_THAT(model->forward(at::ones({7, 3, 4})).sizes(), ElementsAre(7, 2));
  EXPECT_TRUE(at::equal(model->forward(at::ones({7, 3, 4})), model->forward(at::ones({7, 12}))));
}

TEST(Mlp, AppliesTheActivationBetweenLayersAndNotAfterTheLast) {
  ModelConfig config = mlp_config({1, 1, 1});
  for (const auto& [activation, expected] :
       {std::pair(Activation::kRelu, 0.0), std::pair(Activation::kLeakyRelu, -0.02),
        std::pair(Activation::kTanh, std::tanh(-2.0)),
        std::pair(Activation::kSigmoid, 1 / (1 + std::exp(2.0))),
        std::pair(Activation::kSilu, -2 / (1 + std::exp(2.0))),
        std::pair(Activation::kGelu, -std::erfc(std::sqrt(2.0)))}) {
    config.activation = activation;
    Mlp model = build_model(config);
    const at::NoGradGuard no_grad;
    for (at::Tensor& parameter : model->parameters()) parameter.fill_(parameter.dim() - 1);
    model->named_parameters()["fc2.bias"].fill_(-1);
    EXPECT_NEAR(model->forward(at::full({1, 1}, -2.0)).item<double>(), expected - 1, 1e-6);
  }
}

TEST(Mlp, DropsOutInTrainingOnly) {
  ModelConfig config = mlp_config({8, 64, 2});
  config.dropout = 0.5;
  Mlp model = build_model(config);
  const at::Tensor input = at::ones({4, 8});
  EXPECT_FALSE(at::equal(model->forward(input), model->forward(input)));
  model->eval();
  EXPECT_TRUE(at::equal(model->forward(input), model->forward(input)));
}

TEST(Mlp, TheSameSeedGivesTheSameWeights) {
  torch::manual_seed(3);
  Mlp first = build_model(mlp_config({4, 3, 2}));
  Mlp second = build_model(mlp_config({4, 3, 2}));
  torch::manual_seed(3);
  EXPECT_TRUE(equal_weights(*first, *build_model(mlp_config({4, 3, 2}))));
  EXPECT_FALSE(equal_weights(*first, *second));
}

TEST(Models, AFrozenModelNeedsNoGradientsAndIsInEvaluationMode) {
  ModelConfig config = mlp_config({4, 2});
  config.frozen = true;
  Mlp model = build_model(config);
  EXPECT_FALSE(model->is_training());
  for (const at::Tensor& parameter : model->parameters()) EXPECT_FALSE(parameter.requires_grad());
}

TEST(Models, CanBeFrozenAndThawed) {
  Mlp model = build_model(mlp_config({4, 2}));
  for (const bool frozen : {true, false}) {
    set_frozen(*model, frozen);
    EXPECT_EQ(model->is_training(), !frozen);
    for (const at::Tensor& parameter : model->parameters())
      EXPECT_EQ(parameter.requires_grad(), !frozen);
  }
}

TEST(Models, AnAverageStartsAsWhatItAveragesInMemoryOfItsOwn) {
  Config config;
  config.models = {average_config(0.9), mlp_config({4, 2})};
  auto models = build_models(config);
  EXPECT_TRUE(equal_weights(*models.at("ema"), *models.at("mlp")));
  const at::NoGradGuard no_grad;
  models.at("mlp")->parameters()[0].add_(1);
  EXPECT_FALSE(equal_weights(*models.at("ema"), *models.at("mlp")));
  EXPECT_FALSE(models.at("ema")->parameters()[0].requires_grad());
}

TEST(Models, AddingAnAverageChangesNoRandomNumber) {
  Config config;
  config.models = {mlp_config({4, 2})};
  torch::manual_seed(5);
  build_models(config);
  const at::Tensor without = at::rand({3});
  config.models.push_back(average_config(0.9));
  torch::manual_seed(5);
  build_models(config);
  EXPECT_TRUE(at::equal(at::rand({3}), without));
}

TEST(UpdateAverage, MovesParametersByTheDecayAndCopiesBuffers) {
  ModelConfig config = mlp_config({4, 3, 2});
  config.batch_norm = true;
  Mlp average = build_model(config), model = build_model(config);
  const at::NoGradGuard no_grad;
  for (at::Tensor& parameter : average->parameters()) parameter.fill_(1);
  for (at::Tensor& parameter : model->parameters()) parameter.fill_(3);
  model->named_buffers()["bn1.running_mean"].fill_(7);
  model->named_buffers()["bn1.num_batches_tracked"].fill_(9);
  update_average(*average, *model, 0.75);
  for (const at::Tensor& parameter : average->parameters())
    EXPECT_TRUE(at::equal(parameter, at::full_like(parameter, 1.5)));
  EXPECT_EQ(average->named_buffers()["bn1.running_mean"][0].item<float>(), 7);
  EXPECT_EQ(average->named_buffers()["bn1.num_batches_tracked"].item<std::int64_t>(), 9);
}

TEST(UpdateAverage, RecordsNoGradient) {
  Mlp average = build_model(mlp_config({4, 2})), model = build_model(mlp_config({4, 2}));
  update_average(*average, *model, 0.5);
  for (const at::Tensor& parameter : average->parameters()) EXPECT_TRUE(parameter.is_leaf());
}

TEST(UpdateAverage, RefusesAModelOfAnotherArchitecture) {
  Mlp average = build_model(mlp_config({4, 2}));
  for (const auto& layers : {std::vector<std::int64_t>{4, 3}, std::vector<std::int64_t>{4, 2, 2}})
    EXPECT_EQ(
        error_of([&] { update_average(*average, *build_model(mlp_config(layers)), 0.5); }).kind(),
        ErrorKind::kInvalidArgument);
}

}  // namespace
}  // namespace holdfast::trainer
