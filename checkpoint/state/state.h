// The state of a training run: names for live objects.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>
#include <torch/optim/schedulers/lr_scheduler.h>

#include <holdfast/checkpoint/state/stateful.h>

namespace holdfast {

class Component;       // state/component.h
class ModelComponent;  // state/components.h

// Registers objects under the names they have on disk. Holds references and copies nothing: every
// object must outlive the State, or the last save or restore that uses it. A name given twice
// within its kind is an Error(kInvalidArgument). Not for use by several threads at once.
class State {
 public:
  State();
  State(State&&) noexcept;
  State& operator=(State&&) noexcept;
  ~State();

  // models/<name>/parameters/…, models/<name>/buffers/…, and modes/<name>/…: train() or eval() of
  // every submodule, requires_grad of every parameter, and which gradients are defined. Nothing
  // else that a module has: one with more to keep is a Stateful as well, and registered with add(),
  // too. Also takes a ModuleHolder (torch::nn::Linear) or a shared_ptr, by dereferencing it.
  State& model(const std::string& name, torch::nn::Module& module);
  template <typename Contained>
  State& model(const std::string& name, const torch::nn::ModuleHolder<Contained>& holder) {
    return model(name, *holder.ptr());
  }

  // gradients/<model>/…: those of a model that is registered, for saves in the middle of an
  // accumulation. Without this a restore brings back which gradients were defined, as zeros.
  // Error(kInvalidArgument): no model of that name is registered.
  State& gradients(const std::string& model);

  // optimizers/<name>/…: its state by the parameter names of the registered models, and every
  // option of every group. A parameter that belongs to no registered model is an
  // Error(kInvalidArgument), at the first save or restore, that names group and index.
  // A class of the program's own keeps its members by LibTorch's save() and load() (what it writes
  // beside groups and state is kept), or as a Stateful, which it may be too. Error(kUnsupported) if
  // it derives from a class of LibTorch's and does neither, for its members would be lost; the
  // same, at the first save, for options and states that derive from LibTorch's and write no more.
  State& optimizer(const std::string& name, torch::optim::Optimizer& optimizer);

  // schedulers/<name>/…: LibTorch's StepLR, or one with a state of its own. A class of the
  // program's that derives from LRScheduler derives from Stateful, too: its step count is kept, and
  // what its save() writes. Error(kUnsupported) if it does not, for its members would be lost.
  State& scheduler(const std::string& name, torch::optim::LRScheduler& scheduler);
  State& scheduler(const std::string& name, Stateful& scheduler);
  template <typename Both,
            typename = std::enable_if_t<std::is_base_of_v<torch::optim::LRScheduler, Both> &&
                                        std::is_base_of_v<Stateful, Both>>>
  State& scheduler(const std::string& name, Both& scheduler) {
    return this->scheduler(name, static_cast<torch::optim::LRScheduler&>(scheduler));
  }

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
  std::map<std::string, ModelComponent*> models_;  // of them
};

}  // namespace holdfast
