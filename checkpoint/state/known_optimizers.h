// A short way to the state of LibTorch's own optimizers. The long way, through archives, is right
// for every optimizer, but takes ten times as long, and loads in time quadratic in the parameters.
#pragma once

#include <memory>
#include <string>

#include <torch/optim/optimizer.h>

// Last of LibTorch's: in 1.13 it uses what the others include.
#include <c10/util/FunctionRef.h>

#include <holdfast/checkpoint/state/optimizer_archive.h>

namespace holdfast {

// The values that the state's serialize() writes.
using VisitSlot = c10::function_ref<void(const std::string& name, const at::IValue& value)>;
void for_each_slot(const torch::optim::OptimizerParamState& state, const VisitSlot& visit);

// An empty state of the kind that the optimizer keeps for a parameter; null for one that is not, as
// exactly that class, one of LibTorch's.
std::unique_ptr<torch::optim::OptimizerParamState> new_state(
    const torch::optim::Optimizer& optimizer);

// True for an object of a class that derives from one of LibTorch's own optimizers, options or
// states and serializes no more than that does: what it has itself would be lost in silence.
bool loses_members(const torch::optim::Optimizer& optimizer);
bool loses_members(const torch::optim::OptimizerOptions& options);
bool loses_members(const torch::optim::OptimizerParamState& state);

}  // namespace holdfast
