// The models of a configuration.
#pragma once

#include <map>
#include <string>

#include <holdfast/trainer/config.h>
#include <holdfast/trainer/mlp.h>

namespace holdfast::trainer {

// A model of type kMlp, new. One that is frozen needs no gradients and is in evaluation mode;
// loading weights `from` a checkpoint is the caller's.
Mlp build_model(const ModelConfig& config);

// All models by name. A moving average starts as what it averages, needs no gradients, is in
// evaluation mode, and draws nothing from the default generator: adding one changes no other model.
std::map<std::string, Mlp> build_models(const Config& config);

// Frozen: no parameter needs a gradient, and the model is in evaluation mode. Else the opposite.
void set_frozen(torch::nn::Module& model, bool frozen);

// Makes parameters and buffers of `to` those of `from`, which is of the same architecture.
void copy_weights(torch::nn::Module& to, const torch::nn::Module& from);

// One step of an exponential moving average: every parameter p of `average` becomes
// decay * p + (1 - decay) * (that of `model`); buffers are copied. Call it after optimizer.step().
// Both are of the same architecture, otherwise Error(kInvalidArgument). No gradient is recorded.
void update_average(torch::nn::Module& average, const torch::nn::Module& model, double decay);

}  // namespace holdfast::trainer
