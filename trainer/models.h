// Builds and changes the models of a configuration.
#pragma once

#include <map>
#include <string>

#include <holdfast/trainer/config.h>
#include <holdfast/trainer/mlp.h>

namespace holdfast::trainer {

// Builds a new model of type kMlp. A frozen one needs no gradients and is in evaluation mode. The
// weights are new ones; the caller loads those of `from`.
Mlp build_model(const ModelConfig& config);

// Builds all models. The result is by name. A moving average starts with the weights of the model
// that it averages, needs no gradients and is in evaluation mode. Building it leaves the default
// generator as it was, so that adding one to a configuration changes no other model.
std::map<std::string, Mlp> build_models(const Config& config);

// True: no parameter needs a gradient, and the model is in evaluation mode. False: the opposite.
void set_frozen(torch::nn::Module& model, bool frozen);

// Copies parameters and buffers of `from` to `to`. Error(kInvalidArgument) unless both have the
// same architecture.
void copy_weights(torch::nn::Module& to, const torch::nn::Module& from);

// One step of an exponential moving average: every parameter p of `average` becomes
// decay * p + (1 - decay) * q, where q is the same parameter of `model`; buffers are copied. Call
// it after optimizer.step(). Error(kInvalidArgument) unless both have the same architecture.
// Records nothing for autograd.
void update_average(torch::nn::Module& average, const torch::nn::Module& model, double decay);

}  // namespace holdfast::trainer
