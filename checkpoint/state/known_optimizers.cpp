#include <holdfast/checkpoint/state/known_optimizers.h>

#include <typeinfo>

#include <torch/optim.h>

namespace holdfast {
namespace {

using namespace torch::optim;

// Undefined tensors are left out, as by serialize().
void add(ArchiveValues& values, const char* name, const at::Tensor& tensor) {
  if (tensor.defined()) values.emplace_back(name, tensor);
}

ArchiveValues slots(const SGDParamState& state) {
  ArchiveValues values;
  add(values, "momentum_buffer", state.momentum_buffer());
  return values;
}

template <typename AdamState>
ArchiveValues adam_slots(const AdamState& state) {
  ArchiveValues values{{"step", state.step()}};
  add(values, "exp_avg", state.exp_avg());
  add(values, "exp_avg_sq", state.exp_avg_sq());
  add(values, "max_exp_avg_sq", state.max_exp_avg_sq());
  return values;
}

ArchiveValues slots(const AdamParamState& state) {
  return adam_slots(state);
}
ArchiveValues slots(const AdamWParamState& state) {
  return adam_slots(state);
}

ArchiveValues slots(const RMSpropParamState& state) {
  ArchiveValues values{{"step", state.step()}};
  add(values, "square_avg", state.square_avg());
  add(values, "momentum_buffer", state.momentum_buffer());
  add(values, "grad_avg", state.grad_avg());
  return values;
}

ArchiveValues slots(const AdagradParamState& state) {
  ArchiveValues values{{"step", state.step()}};
  add(values, "sum", state.sum());
  return values;
}

template <typename State>
bool take_slots(const OptimizerParamState& state, ArchiveValues& values) {
  if (typeid(state) != typeid(State)) return false;
  values = slots(static_cast<const State&>(state));
  return true;
}

template <typename Optimizer, typename State>
bool make_state(const torch::optim::Optimizer& optimizer,
                std::unique_ptr<OptimizerParamState>& state) {
  if (typeid(optimizer) != typeid(Optimizer)) return false;
  state = std::make_unique<State>();
  return true;
}

}  // namespace

ArchiveValues slots_of(const OptimizerParamState& state) {
  ArchiveValues values;
  const bool known =
      take_slots<AdamParamState>(state, values) || take_slots<AdamWParamState>(state, values) ||
      take_slots<SGDParamState>(state, values) || take_slots<RMSpropParamState>(state, values) ||
      take_slots<AdagradParamState>(state, values);
  return known ? values : serialized(state);
}

std::unique_ptr<OptimizerParamState> new_state(const Optimizer& optimizer) {
  std::unique_ptr<OptimizerParamState> state;
  static_cast<void>(make_state<Adam, AdamParamState>(optimizer, state) ||
                    make_state<AdamW, AdamWParamState>(optimizer, state) ||
                    make_state<SGD, SGDParamState>(optimizer, state) ||
                    make_state<RMSprop, RMSpropParamState>(optimizer, state) ||
                    make_state<Adagrad, AdagradParamState>(optimizer, state) ||
                    make_state<LBFGS, LBFGSParamState>(optimizer, state));
  return state;
}

}  // namespace holdfast
