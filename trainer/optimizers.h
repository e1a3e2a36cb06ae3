// Builds the optimizers of a configuration.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <torch/optim/optimizer.h>

#include <holdfast/trainer/mlp.h>
#include <holdfast/trainer/model_config.h>

namespace holdfast::trainer {

// Builds the optimizer for the parameters of its models. Parameter group i is config.groups[i]; one
// more group has the parameters that none of these matches, if there are any. A tied parameter is
// in one group only, once. Error(kInvalidArgument) if a model is not in `models`, or if a group
// matches no parameter: the error lists the names of all parameters.
std::unique_ptr<torch::optim::Optimizer> build_optimizer(const OptimizerConfig& config,
                                                         const std::map<std::string, Mlp>& models);

// Sets every option of every group to that of the configuration, and the learning rate to the base
// rate. For an optimizer that was restored with other options than the configuration now has.
void set_options(torch::optim::Optimizer& optimizer, const OptimizerConfig& config);

}  // namespace holdfast::trainer
