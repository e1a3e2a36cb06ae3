// An optimizer of a user's own. Its options and states have every kind of value that LibTorch's
// serialize() can write.
#pragma once

#include <torch/torch.h>

#include <deque>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/state/torch_version.h>

namespace holdfast::testing {

using torch::optim::deque_to_list;  // LibTorch's macros use both without their namespace
using torch::optim::list_to_deque;

#if HOLDFAST_TORCH_AT_LEAST(2, 0)
template <typename T>
using Optional = std::optional<T>;
#else
template <typename T>
using Optional = c10::optional<T>;
#endif

struct SignOptions : torch::optim::OptimizerCloneableOptions<SignOptions> {
  explicit SignOptions(double lr = 0.1) : lr_(lr) {}
  TORCH_ARG(double, lr);
  TORCH_ARG(std::string, mode) = "sign";
  TORCH_ARG(bool, decay) = false;
  TORCH_ARG(Optional<std::int64_t>, limit);

 public:
  void serialize(torch::serialize::InputArchive& archive) override {
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG(double, lr);
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG(std::string, mode);
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG(bool, decay);
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG_OPTIONAL(std::int64_t, limit);
  }
  void serialize(torch::serialize::OutputArchive& archive) const override {
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG(lr);
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG(mode);
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG(decay);
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG(limit);
  }
  double get_lr() const override { return lr(); }
  void set_lr(const double lr) override { this->lr(lr); }
};

struct SignState : torch::optim::OptimizerCloneableParamState<SignState> {
  TORCH_ARG(std::int64_t, step) = 0;
  TORCH_ARG(at::Tensor, trace);
  TORCH_ARG(at::Tensor, never);  // stays undefined
  TORCH_ARG(std::deque<at::Tensor>, history);
  TORCH_ARG(std::deque<std::int64_t>, steps);

 public:
  at::Tensor nested;

  void serialize(torch::serialize::InputArchive& archive) override {
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG(std::int64_t, step);
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG(at::Tensor, trace);
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG(at::Tensor, never);
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG_DEQUE(std::deque<at::Tensor>, history);
    _TORCH_OPTIM_DESERIALIZE_TORCH_ARG_DEQUE(std::deque<std::int64_t>, steps);
    torch::serialize::InputArchive inner;
    archive.read("inner", inner);
    inner.read("a/b", nested);
  }
  void serialize(torch::serialize::OutputArchive& archive) const override {
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG(step);
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG(trace);
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG(never);
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG_DEQUE(history);
    _TORCH_OPTIM_SERIALIZE_TORCH_ARG_DEQUE(steps);
    torch::serialize::OutputArchive inner(archive.compilation_unit());
    inner.write("a/b", nested);
    archive.write("inner", inner);
  }
};

// Moves each parameter against the sign of an average of its last gradients.
class Sign : public torch::optim::Optimizer {
 public:
  using Self = Sign;
  Sign(std::vector<torch::optim::OptimizerParamGroup> groups, SignOptions defaults)
      : Optimizer(std::move(groups), std::make_unique<SignOptions>(defaults)) {}

  torch::Tensor step(LossClosure closure) override {
    torch::Tensor loss;
    if (closure != nullptr) loss = closure();
    const torch::NoGradGuard no_grad;
    for (auto& group : param_groups_) {
      const double lr = static_cast<SignOptions&>(group.options()).lr();
      for (auto& parameter : group.params()) {
        if (parameter.grad().defined()) update(parameter, lr);
      }
    }
    return loss;
  }

  void save(torch::serialize::OutputArchive& archive) const override {
    torch::optim::serialize<SignState, SignOptions>(archive, *this);
  }
  void load(torch::serialize::InputArchive& archive) override {
    torch::optim::serialize<SignState, SignOptions>(archive, *this);
  }

 protected:
  SignState& state_of(const at::Tensor& parameter) {
    for (auto& [key, state] : state_) {
      if (key == key_of<std::decay_t<decltype(key)>>(parameter)) {
        return static_cast<SignState&>(*state);
      }
    }
    auto fresh = std::make_unique<SignState>();
    fresh->trace(torch::zeros_like(parameter));
    fresh->nested = torch::ones({2});
    SignState& result = *fresh;
    state_[key_of<std::decay_t<decltype(state_.begin()->first)>>(parameter)] = std::move(fresh);
    return result;
  }

 private:
  template <typename Key>
  static Key key_of(const at::Tensor& parameter) {
    if constexpr (std::is_same_v<Key, std::string>) {
      std::ostringstream text;
      text << parameter.unsafeGetTensorImpl();
      return text.str();
    } else {
      return parameter.unsafeGetTensorImpl();
    }
  }

  void update(at::Tensor& parameter, double lr) {
    SignState& state = state_of(parameter);
    state.step(state.step() + 1);
    state.trace().mul_(0.9).add_(parameter.grad(), 0.1);
    state.history().push_back(parameter.grad().clone());
    state.steps().push_back(state.step());
    if (state.history().size() > 2) state.history().pop_front();
    state.nested.add_(state.trace().sum());
    for (const at::Tensor& past : state.history()) parameter.sub_(torch::sign(past), 0.01);
    parameter.sub_(torch::sign(state.trace()) * state.nested.sum(), lr * 0.001);
  }
};

// The same with a save() and a load() that do nothing, as torch::optim::Optimizer has them.
class Forgetful : public Sign {
 public:
  using Sign::Sign;
  void save(torch::serialize::OutputArchive&) const override {}
  void load(torch::serialize::InputArchive&) override {}
};

}  // namespace holdfast::testing
