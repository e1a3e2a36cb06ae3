// Reads and sets the state of LibTorch's optimizers, in the same way for all its versions.
#pragma once

#include <string>
#include <vector>

#include <torch/optim/optimizer.h>

// Last of LibTorch's: in 1.13 it uses what the others include.
#include <c10/util/FunctionRef.h>

#include <holdfast/checkpoint/state/optimizer_archive.h>

namespace holdfast {

// The state of one parameter: the values that its OptimizerParamState serializes.
struct ParameterState {
  at::Tensor parameter;
  ArchiveValues slots;
};

// What is to be loaded into an optimizer.
struct OptimizerState {
  std::vector<ArchiveValues> options;  // one for each group
  std::vector<ParameterState> states;  // only of parameters that have a state
  ArchiveValues extra;                 // extra_values_of() when it was saved
};

ArchiveValues options_of(const torch::optim::OptimizerParamGroup& group);

// The values that the optimizer's save() writes beside its groups and states. Only optimizers of
// the program's own have any. Costs a serialization of the whole optimizer.
ArchiveValues extra_values_of(const torch::optim::Optimizer& optimizer);

// Visits each parameter that has a state, once, in the order of the groups.
using VisitState =
    c10::function_ref<void(const at::Tensor& parameter, const torch::optim::OptimizerParamState&)>;
void for_each_state(const torch::optim::Optimizer& optimizer, const VisitState& visit);

// Replaces options and state as a whole. A parameter without a state in `state` has none
// afterwards. Slots are moved to the device of their parameter, and an extra tensor to the device
// where the optimizer has its own tensor of that name. `state.options` must have one element for
// each group. Throws what LibTorch throws if the optimizer does not take the values, and
// Error(kUnsupported) if its load() does not restore the states. After an error the optimizer's
// state is unspecified.
void set_state(torch::optim::Optimizer& optimizer, const OptimizerState& state);

// Throws Error(kUnsupported) if the optimizer's save() writes nothing: then the class has not
// implemented load() either, and its state could not come back. Serializes the optimizer once.
// `name` is for the message.
void require_loadable(const std::string& name, const torch::optim::Optimizer& optimizer);

}  // namespace holdfast
