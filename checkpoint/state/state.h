// The state of a training run: live objects, registered under names.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <ATen/core/Generator.h>
#include <torch/nn/module.h>
#include <torch/optim/optimizer.h>
#include <torch/optim/schedulers/lr_scheduler.h>

#include <holdfast/checkpoint/columns/stored_value.h>
#include <holdfast/checkpoint/state/stateful.h>
#include <holdfast/checkpoint/state/tensor_columns.h>

namespace holdfast {

class Component;       // state/component.h
class ModelComponent;  // state/component_kinds.h

// Registers objects under the names that they have in a checkpoint. Keeps references and copies
// nothing: an object must live until the last save or restore of this State has ended. A name given
// twice for the same kind of object is an Error(kInvalidArgument). Not for use by several threads
// at once.
class State {
 public:
  State();
  State(State&&) noexcept;
  State& operator=(State&&) noexcept;
  ~State();

  // Saves models/<name>/parameters/…, models/<name>/buffers/…, and modes/<name>/…: train() or
  // eval() of every submodule, requires_grad of every parameter, and which gradients are defined.
  // Saves nothing else of a module: if yours has more to keep, derive it from Stateful as well, and
  // register it with add(), too. A ModuleHolder (torch::nn::Linear) can be passed as it is, a
  // shared_ptr as *pointer.
  State& model(const std::string& name, torch::nn::Module& module);
  template <typename Contained>
  State& model(const std::string& name, const torch::nn::ModuleHolder<Contained>& holder) {
    return model(name, *holder.ptr());
  }

  // Saves gradients/<model>/…, the gradients of a model that is already registered: for saves in
  // the middle of an accumulation. Without this, a restore brings back only which gradients were
  // defined, and fills them with zeros. Error(kInvalidArgument) if no model of that name is
  // registered.
  State& gradients(const std::string& model);

  // Saves optimizers/<name>/…: the state of each parameter under the parameter's name in its model,
  // and every option of every group. The models may be registered later. If a parameter belongs to
  // no registered model, the first save or restore throws an Error(kInvalidArgument) that names its
  // group and index.
  //
  // A class of the program's own can keep its members in two ways: it writes them in LibTorch's
  // save() and load() (all that is written there is kept), or it also derives from Stateful.
  // Error(kUnsupported) if it derives from one of LibTorch's optimizers and does neither, since its
  // members would be lost. The first save throws the same for options or parameter states of a
  // class that derives from LibTorch's and writes no member of its own.
  State& optimizer(const std::string& name, torch::optim::Optimizer& optimizer);

  // Saves schedulers/<name>/…. Takes LibTorch's StepLR, a Stateful, or a class that derives from
  // both LRScheduler and Stateful: then the step count is saved, and what Stateful::save() writes.
  // Error(kUnsupported) for any other LRScheduler, since its members would be lost.
  State& scheduler(const std::string& name, torch::optim::LRScheduler& scheduler);
  State& scheduler(const std::string& name, Stateful& scheduler);
  template <typename Both,
            typename = std::enable_if_t<std::is_base_of_v<torch::optim::LRScheduler, Both> &&
                                        std::is_base_of_v<Stateful, Both>>>
  State& scheduler(const std::string& name, Both& scheduler) {
    return this->scheduler(name, static_cast<torch::optim::LRScheduler&>(scheduler));
  }

  State& sampler(const std::string& name, Stateful& sampler);  // data/<name>/…

  // user/<name>…: state of the program's own. Takes a Stateful, and as it is, nested in any way:
  //   - arithmetic types, enums, std::complex, std::string, durations, at::Tensor;
  //   - the generators and distributions of <random>;
  //   - the containers of the standard library, pair, tuple, optional, variant, unique_ptr;
  //   - structs that name their fields by HOLDFAST_FIELDS(a, b, c) (columns/fields.h), or that have
  //     a member template <class Archive> void serialize(Archive&), as for cereal.
  // Another type does not compile. The numbers are stored in columns, one dataset for each field,
  // however many elements there are. Memory that is not one array of numbers already is copied into
  // such arrays by each save(), and these are kept for the next one.
  //
  // A restore brings back values and order, also that of unordered containers. A value in a
  // unique_ptr that is there keeps its address. Error(kMismatch) if the type does not fit what was
  // saved.
  State& add(const std::string& name, Stateful& object);
  template <typename T, typename = std::enable_if_t<!std::is_base_of_v<Stateful, T>>>
  State& add(const std::string& name, T& value) {
    require_own_state<T>();
    return add_value(name, std::make_unique<ColumnsOf<T>>(value));
  }
  // As many numbers as `shape` says, in memory of the program's own, row-major.
  template <typename T>
  State& add(const std::string& name, T* memory, Shape shape) {
    return add_value(name, std::make_unique<MemoryOf<T>>(memory, std::move(shape)));
  }

  // progress/<name>: counters and the like. Keeps a reference to the value.
  State& scalar(const std::string& name, std::int64_t& value);
  State& scalar(const std::string& name, double& value);
  State& scalar(const std::string& name, bool& value);

  // All default generators: rng/cpu and, where CUDA is available, rng/cuda/<i>.
  State& rng();
  // rng/<name>: a generator of your own. Its name must not be "cpu" or "cuda".
  State& rng(const std::string& name, at::Generator generator);

  const std::vector<std::unique_ptr<Component>>& components() const { return components_; }

 private:
  template <typename T>
  static constexpr void require_own_state() {
    static_assert(!std::is_const_v<T>, "a restore must write to the object: it cannot be const");
    static_assert(!std::is_base_of_v<torch::nn::Module, T>, "register a model with State::model()");
    static_assert(!std::is_base_of_v<torch::optim::Optimizer, T>,
                  "register an optimizer with State::optimizer()");
    static_assert(!std::is_base_of_v<torch::optim::LRScheduler, T>,
                  "register a scheduler with State::scheduler()");
    static_assert(!std::is_base_of_v<at::Generator, T>,
                  "register a generator of LibTorch with State::rng()");
    static_assert(!std::is_pointer_v<T>,
                  "a pointer is no state: register the object that it points to, or memory as "
                  "add(name, pointer, shape)");
  }
  State& add_value(const std::string& name, std::unique_ptr<StoredValue> value);
  State& add_component(std::unique_ptr<Component> component);

  std::vector<std::unique_ptr<Component>> components_;
  std::map<std::string, ModelComponent*> models_;  // by model name; owned by components_
};

}  // namespace holdfast
