// The parts of a module by name, without a list of them being made.
#pragma once

#include <functional>
#include <string>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

namespace holdfast {

// `dotted` is valid during the call only.
using VisitMember = std::function<void(const std::string& dotted, const at::Tensor& value)>;

// What Module::named_parameters() and named_buffers() have, in their order, undefined ones left
// out. Those copy every name and handle several times, which is most of the time of a save of many
// small tensors.
void for_each_parameter(const torch::nn::Module& module, const VisitMember& visit);
void for_each_buffer(const torch::nn::Module& module, const VisitMember& visit);

// `dotted` is "" for the module itself, which is the first. One that is shared is visited under
// each of its names.
using VisitModule = std::function<void(const std::string& dotted, torch::nn::Module& module)>;
void for_each_module(torch::nn::Module& module, const VisitModule& visit);

// The flag of this module alone that train() and eval() set for it and all below it.
bool& training_flag(torch::nn::Module& module);

}  // namespace holdfast
