// The parameters and buffers of a module by name, without a list of them being made.
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

}  // namespace holdfast
