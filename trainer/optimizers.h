// The optimizers of a configuration.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <torch/optim/optimizer.h>

#include <holdfast/trainer/mlp.h>
#include <holdfast/trainer/model_config.h>

namespace holdfast::trainer {

// The optimizer over the parameters of its models. Parameter group i is config.groups[i]; a last
// group holds the parameters that none of them matches, if there are any. Tied parameters are
// stepped once. Error(kInvalidArgument) for a model that is not in `models`, and for a group that
// matches nothing: it lists the names there are.
std::unique_ptr<torch::optim::Optimizer> build_optimizer(const OptimizerConfig& config,
                                                         const std::map<std::string, Mlp>& models);

// Sets every option of every group to the configuration's, the learning rate to the base rate. For
// an optimizer that was restored with options of its own, where the configuration shall win.
void set_options(torch::optim::Optimizer& optimizer, const OptimizerConfig& config);

}  // namespace holdfast::trainer
