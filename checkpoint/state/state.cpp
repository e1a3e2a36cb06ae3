#include <holdfast/checkpoint/state/state.h>

#include <algorithm>
#include <utility>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <torch/cuda.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/component_kinds.h>

namespace holdfast {
namespace {

[[noreturn]] void refuse_second(const std::string& name) {
  throw Error(ErrorKind::kInvalidArgument, "the state has an object of this name already")
      .at(name)
      .remedy("give each object a name of its own");
}

}  // namespace

State::State() = default;
State::State(State&&) noexcept = default;
State& State::operator=(State&&) noexcept = default;
State::~State() = default;

State& State::model(const std::string& name, torch::nn::Module& module) {
  auto component = module_component(name, module);
  ModelComponent* const model = component.get();
  add_component(std::move(component));
  models_.emplace(name, model);
  return *this;
}

State& State::gradients(const std::string& model) {
  const std::string prefix = format::join({"gradients", model});
  const auto found = models_.find(model);
  if (found == models_.end()) {
    throw Error(ErrorKind::kInvalidArgument, "the state has no model of this name")
        .at(prefix)
        .remedy("register the model first, with State::model");
  }
  if (!found->second->add_gradients()) refuse_second(prefix);
  return *this;
}

State& State::optimizer(const std::string& name, torch::optim::Optimizer& optimizer) {
  return add_component(optimizer_component(name, optimizer));
}

State& State::scheduler(const std::string& name, torch::optim::LRScheduler& scheduler) {
  return add_component(scheduler_component(name, scheduler));
}

State& State::scheduler(const std::string& name, Stateful& scheduler) {
  return add_component(stateful_component(format::join({"schedulers", name}), scheduler));
}

State& State::sampler(const std::string& name, Stateful& sampler) {
  return add_component(stateful_component(format::join({"data", name}), sampler));
}

State& State::add(const std::string& name, Stateful& object) {
  return add_component(stateful_component(format::join({"user", name}), object));
}

State& State::add_value(const std::string& name, std::unique_ptr<StoredValue> value) {
  return add_component(value_component(format::join({"user", name}), std::move(value)));
}

State& State::scalar(const std::string& name, std::int64_t& value) {
  return add_component(scalar_component(name, value));
}

State& State::scalar(const std::string& name, double& value) {
  return add_component(scalar_component(name, value));
}

State& State::scalar(const std::string& name, bool& value) {
  return add_component(scalar_component(name, value));
}

State& State::rng() {
  add_component(generator_component("rng/cpu", at::detail::getDefaultCPUGenerator()));
  if (!torch::cuda::is_available()) return *this;
  const int devices = static_cast<int>(torch::cuda::device_count());
  for (int i = 0; i < devices; ++i) {
    const at::Device device(at::kCUDA, static_cast<at::DeviceIndex>(i));
    add_component(generator_component(format::join({"rng", "cuda", std::to_string(i)}),
                                      at::globalContext().defaultGenerator(device)));
  }
  return *this;
}

State& State::rng(const std::string& name, at::Generator generator) {
  if (name == "cpu" || name == "cuda") {
    throw Error(ErrorKind::kInvalidArgument, "this name belongs to the default generators")
        .at(format::join({"rng", name}))
        .remedy("register the default generators with rng(), and your own under other names");
  }
  return add_component(generator_component(format::join({"rng", name}), std::move(generator)));
}

State& State::add_component(std::unique_ptr<Component> component) {
  const auto has_its_name = [&](const std::unique_ptr<Component>& other) {
    return other->prefix() == component->prefix();
  };
  if (std::any_of(components_.begin(), components_.end(), has_its_name)) {
    refuse_second(component->prefix());
  }
  components_.push_back(std::move(component));
  return *this;
}

}  // namespace holdfast
