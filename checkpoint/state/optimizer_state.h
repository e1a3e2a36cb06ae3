// LibTorch's optimizers, seen alike in all its versions.
#pragma once

#include <string>
#include <vector>

#include <torch/optim/optimizer.h>

// Last of LibTorch's: in 1.13 it uses what the others include.
#include <c10/util/FunctionRef.h>

#include <holdfast/checkpoint/state/optimizer_archive.h>

namespace holdfast {

// The state of one parameter: what its OptimizerParamState serializes.
struct ParameterState {
  at::Tensor parameter;
  ArchiveValues slots;
};

// What is to be loaded: the options of each group, the state of those parameters that have one, and
// what more the optimizer has written.
struct OptimizerState {
  std::vector<ArchiveValues> options;
  std::vector<ParameterState> states;
  ArchiveValues extra;
};

ArchiveValues options_of(const torch::optim::OptimizerParamGroup& group);

// What save() of an optimizer of the program's own writes beside its groups and states. Serializes
// all of it.
ArchiveValues extra_values_of(const torch::optim::Optimizer& optimizer);

// The parameters that have a state, in the order of the groups, each once.
using VisitState =
    c10::function_ref<void(const at::Tensor& parameter, const torch::optim::OptimizerParamState&)>;
void for_each_state(const torch::optim::Optimizer& optimizer, const VisitState& visit);

// Replaces options and state as a whole; parameters without a state here have none afterwards.
// Slots go to the device of their parameter, extra tensors to that of the optimizer's own. There
// must be options for each group. Error(kMismatch) if the optimizer takes other values,
// Error(kUnsupported) if its load() restores no state: some of its state may then be gone.
void set_state(torch::optim::Optimizer& optimizer, const OptimizerState& state);

// Error(kUnsupported) for an optimizer of a class that has no save(), for then it has no
// load() either. Serializes once; `name` is for the message.
void require_loadable(const std::string& name, const torch::optim::Optimizer& optimizer);

}  // namespace holdfast
