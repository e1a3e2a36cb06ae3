// The state of a training run: names for live objects.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>
#include <torch/optim/schedulers/lr_scheduler.h>

#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

class Component;  // state/component.h

// Registers objects under the names they have on disk. Holds references and copies nothing: every
// object must outlive the State, or the last save or restore that uses it. A name given twice
// within its kind is an Error(kInvalidArgument). Not for use by several threads at once.
class State {
 public:
  State();
  State(State&&) noexcept;
  State& operator=(State&&) noexcept;
  ~State();

  // models/<name>/parameters/…, models/<name>/buffers/…. Also takes a ModuleHolder
  // (torch::nn::Linear) or a shared_ptr, by dereferencing it.
  State& model(const std::string& name, torch::nn::Module& module);
  template <typename Contained>
  State& model(const std::string& name, const torch::nn::ModuleHolder<Contained>& holder) {
    return model(name, *holder.ptr());
  }

  // optimizers/<name>/…: its state by the parameter names of the registered models, and every
  // option of every group. A parameter that belongs to no registered model is an
  // Error(kInvalidArgument), at the first save or restore, that names group and index.
  State& optimizer(const std::string& name, torch::optim::Optimizer& optimizer);

  // schedulers/<name>/…: LibTorch's own, or one with a state of its own.
  State& scheduler(const std::string& name, torch::optim::LRScheduler& scheduler);
  State& scheduler(const std::string& name, Stateful& scheduler);

  State& sampler(const std::string& name, Stateful& sampler);  // data/<name>/…
  State& add(const std::string& name, Stateful& object);       // user/<name>/…

  // progress/<name>: counters and the like.
  State& scalar(const std::string& name, std::int64_t& value);
  State& scalar(const std::string& name, double& value);
  State& scalar(const std::string& name, bool& value);

  // rng/cpu, and rng/cuda/<i> where CUDA is available: every default generator. "cpu" and "cuda"
  // are no names for one of your own.
  State& rng();
  State& rng(const std::string& name, at::Generator generator);  // rng/<name>: one of your own

  const std::vector<std::unique_ptr<Component>>& components() const { return components_; }

 private:
  State& add_component(std::unique_ptr<Component> component);

  std::vector<std::unique_ptr<Component>> components_;
};

}  // namespace holdfast
