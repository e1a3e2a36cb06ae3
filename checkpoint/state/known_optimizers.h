// Direct access to the state of LibTorch's own optimizers. The general way, through archives, works
// for every optimizer, but saves ten times slower, and its loads take time quadratic in the number
// of parameters.
#pragma once

#include <memory>
#include <string>

#include <torch/optim/optimizer.h>

// Last of LibTorch's: in 1.13 it uses what the others include.
#include <c10/util/FunctionRef.h>

#include <holdfast/checkpoint/state/optimizer_archive.h>

namespace holdfast {

// Visits the values that the state's serialize() would write, under the same names. `state` may be
// of any class; those of LibTorch are read without an archive.
using VisitSlot = c10::function_ref<void(const std::string& name, const at::IValue& value)>;
void for_each_slot(const torch::optim::OptimizerParamState& state, const VisitSlot& visit);

// Makes an empty state of the class that this optimizer keeps for a parameter. Returns null unless
// the optimizer is exactly of one of LibTorch's classes; a class derived from one gets null.
std::unique_ptr<torch::optim::OptimizerParamState> new_state(
    const torch::optim::Optimizer& optimizer);

// True if the object's class derives from one of LibTorch's own optimizers, options or states, and
// writes no more values than its base class does. The members that it adds would then be lost
// without a word. Serializes the object twice.
bool loses_members(const torch::optim::Optimizer& optimizer);
bool loses_members(const torch::optim::OptimizerOptions& options);
bool loses_members(const torch::optim::OptimizerParamState& state);

}  // namespace holdfast
