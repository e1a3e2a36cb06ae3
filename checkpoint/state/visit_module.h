// Visits the parts of a module with their names, without making a list of them.
#pragma once

#include <functional>
#include <string>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

namespace holdfast {

// `dotted` is valid during the call only.
using VisitTensor = std::function<void(const std::string& dotted, const at::Tensor& value)>;

// Visit what Module::named_parameters() and named_buffers() list, in the same order; undefined
// tensors are left out. LibTorch's functions copy every name and handle several times: in a save of
// many small tensors that would take most of the time.
void for_each_parameter(const torch::nn::Module& module, const VisitTensor& visit);
void for_each_buffer(const torch::nn::Module& module, const VisitTensor& visit);

// Visits the module itself first, as "", then all its submodules. A submodule that is registered
// under several names is visited once for each.
using VisitModule = std::function<void(const std::string& dotted, torch::nn::Module& module)>;
void for_each_module(torch::nn::Module& module, const VisitModule& visit);

// The module's own flag of training mode. Unlike train() and eval(), writing it changes neither the
// submodules nor calls anything of the program's.
bool& training_flag(torch::nn::Module& module);

}  // namespace holdfast
