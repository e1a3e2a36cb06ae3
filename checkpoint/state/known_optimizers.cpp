#include <holdfast/checkpoint/state/known_optimizers.h>

#include <typeinfo>

#include <torch/optim.h>

namespace holdfast {
namespace {

using namespace torch::optim;

// LibTorch's serialize() leaves undefined tensors out: so does this.
void show(const VisitSlot& visit, const char* name, const at::Tensor& tensor) {
  if (tensor.defined()) visit(name, tensor);
}

void show_slots(const SGDParamState& state, const VisitSlot& visit) {
  show(visit, "momentum_buffer", state.momentum_buffer());
}

template <typename AdamState>
void show_adam_slots(const AdamState& state, const VisitSlot& visit) {
  visit("step", state.step());
  show(visit, "exp_avg", state.exp_avg());
  show(visit, "exp_avg_sq", state.exp_avg_sq());
  show(visit, "max_exp_avg_sq", state.max_exp_avg_sq());
}

void show_slots(const AdamParamState& state, const VisitSlot& visit) {
  show_adam_slots(state, visit);
}
void show_slots(const AdamWParamState& state, const VisitSlot& visit) {
  show_adam_slots(state, visit);
}

void show_slots(const RMSpropParamState& state, const VisitSlot& visit) {
  visit("step", state.step());
  show(visit, "square_avg", state.square_avg());
  show(visit, "momentum_buffer", state.momentum_buffer());
  show(visit, "grad_avg", state.grad_avg());
}

void show_slots(const AdagradParamState& state, const VisitSlot& visit) {
  visit("step", state.step());
  show(visit, "sum", state.sum());
}

template <typename State>
bool show_slots_of(const OptimizerParamState& state, const VisitSlot& visit) {
  if (typeid(state) != typeid(State)) return false;
  show_slots(static_cast<const State&>(state), visit);
  return true;
}

template <typename Optimizer, typename State>
bool make_state(const torch::optim::Optimizer& optimizer,
                std::unique_ptr<OptimizerParamState>& state) {
  if (typeid(optimizer) != typeid(Optimizer)) return false;
  state = std::make_unique<State>();
  return true;
}

using torch::serialize::OutputArchive;

std::size_t size_of(const OutputArchive& archive) {
  return values_of(module_of(archive)).size();
}

// `write` serializes the object with the function of its own class, `write_known` with that of
// Known. More top-level values in the first archive mean that the class writes members of its own.
template <typename Known, typename Object, typename Write, typename WriteKnown>
bool loses_members_as(const Object& object, const Write& write, const WriteKnown& write_known) {
  const auto* known = dynamic_cast<const Known*>(&object);
  if (known == nullptr || typeid(object) == typeid(Known)) return false;
  OutputArchive all, inherited;
  write(object, all);
  write_known(*known, inherited);
  return size_of(all) <= size_of(inherited);
}

template <typename... Known>
struct AnyOf {
  static bool loses_members(const Optimizer& object) {
    const auto write = [](const Optimizer& it, OutputArchive& to) { it.save(to); };
    return (loses_members_as<Known>(
                object, write, [](const Known& it, OutputArchive& to) { it.Known::save(to); }) ||
            ...);
  }
  template <typename Object>
  static bool loses_serialized(const Object& object) {
    const auto write = [](const Object& it, OutputArchive& to) { it.serialize(to); };
    return (
        loses_members_as<Known>(
            object, write, [](const Known& it, OutputArchive& to) { it.Known::serialize(to); }) ||
        ...);
  }
};

}  // namespace

bool loses_members(const Optimizer& optimizer) {
  return AnyOf<Adam, AdamW, SGD, RMSprop, Adagrad, LBFGS>::loses_members(optimizer);
}

bool loses_members(const OptimizerOptions& options) {
  return AnyOf<AdamOptions, AdamWOptions, SGDOptions, RMSpropOptions, AdagradOptions,
               LBFGSOptions>::loses_serialized(options);
}

bool loses_members(const OptimizerParamState& state) {
  return AnyOf<AdamParamState, AdamWParamState, SGDParamState, RMSpropParamState, AdagradParamState,
               LBFGSParamState>::loses_serialized(state);
}

void for_each_slot(const OptimizerParamState& state, const VisitSlot& visit) {
  const bool known = show_slots_of<AdamParamState>(state, visit) ||
                     show_slots_of<AdamWParamState>(state, visit) ||
                     show_slots_of<SGDParamState>(state, visit) ||
                     show_slots_of<RMSpropParamState>(state, visit) ||
                     show_slots_of<AdagradParamState>(state, visit);
  if (known) return;
  for (const auto& [name, value] : serialized(state)) visit(name, value);
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
