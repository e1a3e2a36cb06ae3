// LibTorch's optimizers, seen alike in all its versions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <torch/optim/optimizer.h>

#include <holdfast/checkpoint/state/optimizer_archive.h>

namespace holdfast {

// The state of one parameter: what its OptimizerParamState serializes.
struct ParameterState {
  at::Tensor parameter;
  ArchiveValues slots;
};

// The options of each group, and the state of those parameters that have one.
struct OptimizerState {
  std::vector<ArchiveValues> options;
  std::vector<ParameterState> states;
};

OptimizerState state_of(const torch::optim::Optimizer& optimizer);

// Replaces options and state as a whole; parameters without a state here have none afterwards.
// Slots go to the device of their parameter. There must be options for each group. Error(kMismatch)
// if the optimizer takes other values, Error(kUnsupported) if its load() restores no state: some of
// its state may then be gone.
void set_state(torch::optim::Optimizer& optimizer, const OptimizerState& state);

// Error(kUnsupported) for an optimizer of a class that has no save(), for then it has no
// load() either. Serializes once; `name` is for the message.
void require_loadable(const std::string& name, const torch::optim::Optimizer& optimizer);

}  // namespace holdfast
