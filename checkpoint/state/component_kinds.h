// The kinds of state, each made by a function. All keep a reference to the object, which must
// outlive them. Errors are those of State (state.h).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>
#include <torch/optim/schedulers/lr_scheduler.h>

#include <holdfast/checkpoint/columns/stored_value.h>
#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

class ModelComponent : public Component {
 public:
  // Makes the gradients part of the state. Returns false if they already were.
  virtual bool add_gradients() = 0;
};

std::unique_ptr<ModelComponent> module_component(const std::string& name,
                                                 torch::nn::Module& module);
std::unique_ptr<Component> optimizer_component(const std::string& name,
                                               torch::optim::Optimizer& optimizer);
std::unique_ptr<Component> scheduler_component(const std::string& name,
                                               torch::optim::LRScheduler& scheduler);
std::unique_ptr<Component> stateful_component(std::string prefix, Stateful& object);
std::unique_ptr<Component> value_component(std::string prefix, std::unique_ptr<StoredValue> value);
std::unique_ptr<Component> generator_component(std::string prefix, at::Generator generator);
std::unique_ptr<Component> scalar_component(const std::string& name, std::int64_t& value);
std::unique_ptr<Component> scalar_component(const std::string& name, double& value);
std::unique_ptr<Component> scalar_component(const std::string& name, bool& value);

}  // namespace holdfast
