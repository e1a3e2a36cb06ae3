#include <holdfast/checkpoint/state/optimizer_state.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <type_traits>
#include <unordered_set>

#include <c10/util/flat_hash_map.h>
#include <torch/types.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/state/known_optimizers.h>
#include <holdfast/checkpoint/state/library_mode.h>

namespace holdfast {
namespace {

using torch::serialize::OutputArchive;

using StateMap = std::decay_t<decltype(std::declval<torch::optim::Optimizer&>().state())>;

// The key of a parameter's state in Optimizer::state(): the address of the TensorImpl. It is a text
// in LibTorch 1.13, and a pointer since.
template <typename Key>
Key key_of(const at::Tensor& parameter) {
  c10::TensorImpl* address = parameter.unsafeGetTensorImpl();
  if constexpr (std::is_same_v<Key, std::string>) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%p", static_cast<void*>(address));
    return text.data();
  } else {
    return address;
  }
}

StateMap::key_type state_key(const at::Tensor& parameter) {
  return key_of<StateMap::key_type>(parameter);
}

// The same key in the form in which Optimizer::load() expects it in an archive.
[[maybe_unused]] std::string archive_key(const std::string& key) {
  return key;
}
[[maybe_unused]] std::string archive_key(const void* key) {
  return std::to_string(reinterpret_cast<std::uintptr_t>(key));
}

constexpr const char* kNoKey = "0";  // a key that no state has

at::IValue on_device(const at::IValue& value, at::Device device) {
  if (value.isTensor() && value.toTensor().defined()) return value.toTensor().to(device);
  if (value.isTuple()) {
    std::vector<at::IValue> elements;
    for (const auto& element : value.toTupleRef().elements()) {
      elements.push_back(on_device(element, device));
    }
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (!value.isTensorList()) return value;
  c10::List<at::Tensor> list;
  for (const at::Tensor& tensor : value.toTensorVector()) {
    list.push_back(tensor.defined() ? tensor.to(device) : tensor);
  }
  return list;
}

void write_values(OutputArchive& archive, const ArchiveValues& values, at::Device device) {
  for (const auto& [key, value] : values) write(archive, key, on_device(value, device));
}

at::IValue count(std::size_t value) {
  return torch::tensor(static_cast<std::int64_t>(value));
}

// A tied parameter may be in a group twice. Optimizer::load() moves a state out of the archive when
// it meets its key first, so the second time the parameter gets a key that has no state.
void write_group(OutputArchive& archive, const torch::optim::OptimizerParamGroup& group,
                 const ArchiveValues& options) {
  archive.write("params/size", count(group.params().size()));
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < group.params().size(); ++i) {
    std::string key = archive_key(state_key(group.params()[i]));
    if (!seen.insert(key).second) key = kNoKey;
    archive.write("params/" + std::to_string(i), at::IValue(key));
  }
  OutputArchive values(archive.compilation_unit());
  write_values(values, options, at::kCPU);
  archive.write("options", values);
}

// Makes the archive that Optimizer::save() writes since LibTorch 1.5, and has the optimizer load
// it.
void load(torch::optim::Optimizer& optimizer, const OptimizerState& state) {
  OutputArchive root;
  root.write("pytorch_version", at::IValue("1.5.0"));

  OutputArchive states(root.compilation_unit());
  for (const ParameterState& one : state.states) {
    OutputArchive slots(root.compilation_unit());
    write_values(slots, one.slots, one.parameter.device());
    states.write(archive_key(state_key(one.parameter)), slots);
  }
  root.write("state", states);

  OutputArchive groups(root.compilation_unit());
  const std::size_t size = optimizer.param_groups().size();
  groups.write("param_groups/size", count(size));
  for (std::size_t i = 0; i < size; ++i) {
    OutputArchive group(root.compilation_unit());
    write_group(group, optimizer.param_groups()[i], state.options[i]);
    groups.write("param_groups/" + std::to_string(i), group);
  }
  root.write("param_groups", groups);

  for (const auto& [key, value] : state.extra) write(root, key, value);
  torch::serialize::InputArchive archive = to_input(root);
  optimizer.load(archive);
}

// For an optimizer of LibTorch's own: sets the states without Optimizer::load(), which takes time
// quadratic in the number of parameters.
void set_known_states(torch::optim::Optimizer& optimizer,
                      const std::vector<ParameterState>& states) {
  for (const ParameterState& state : states) {
    auto fresh = new_state(optimizer);
    OutputArchive slots;
    write_values(slots, state.slots, state.parameter.device());
    torch::serialize::InputArchive archive = to_input(slots);
    fresh->serialize(archive);
    optimizer.state()[state_key(state.parameter)] = std::move(fresh);
  }
}

// Moves each extra tensor to the device where the optimizer has its own tensor of that name.
ArchiveValues like_live(const torch::optim::Optimizer& optimizer, ArchiveValues extra) {
  if (extra.empty()) return extra;
  const ArchiveValues live = extra_values_of(optimizer);
  for (auto& [key, value] : extra)
    for (const auto& [name, own] : live)
      if (name == key && own.isTensor() && own.toTensor().defined())
        value = on_device(value, own.toTensor().device());
  return extra;
}

// Sets the options of each group. Needed after load(), too: that of LibTorch 1.13 reads none.
void set_options(torch::optim::Optimizer& optimizer, const std::vector<ArchiveValues>& options) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    OutputArchive values;
    write_values(values, options[i], at::kCPU);
    torch::serialize::InputArchive archive = to_input(values);
    optimizer.param_groups()[i].options().serialize(archive);
  }
}

[[noreturn]] void refuse() {
  throw Error(ErrorKind::kUnsupported, "the optimizer's state cannot be loaded back")
      .expected("an optimizer that overrides save() and load()")
      .remedy("implement both with torch::optim::serialize<ParamState, Options>(archive, *this)");
}

}  // namespace

ArchiveValues options_of(const torch::optim::OptimizerParamGroup& group) {
  return group.has_options() ? serialized(group.options()) : ArchiveValues();
}

ArchiveValues extra_values_of(const torch::optim::Optimizer& optimizer) {
  OutputArchive archive;
  optimizer.save(archive);
  ArchiveValues extra;
  for (auto& [key, value] : values_of(module_of(archive)))
    if (key != "pytorch_version" && key != "state" && key != "param_groups")
      extra.emplace_back(key, value);
  return extra;
}

void for_each_state(const torch::optim::Optimizer& optimizer, const VisitState& visit) {
  ska::flat_hash_set<const c10::TensorImpl*> seen;
  seen.reserve(optimizer.state().size());
  for (const auto& group : optimizer.param_groups()) {
    for (const at::Tensor& parameter : group.params()) {
      const auto found = optimizer.state().find(state_key(parameter));
      if (found == optimizer.state().end() || found->second == nullptr) continue;
      if (seen.insert(parameter.unsafeGetTensorImpl()).second) visit(parameter, *found->second);
    }
  }
}

void set_state(torch::optim::Optimizer& optimizer, const OptimizerState& state) {
  const LibraryMode mode;
  const bool is_known = new_state(optimizer) != nullptr;
  const ArchiveValues extra = is_known ? state.extra : like_live(optimizer, state.extra);
  optimizer.state().clear();
  if (is_known) {
    set_known_states(optimizer, state.states);
  } else if (!state.states.empty() || !extra.empty()) {
    load(optimizer, {state.options, state.states, extra});
  }
  for (const ParameterState& wanted : state.states) {
    const auto found = optimizer.state().find(state_key(wanted.parameter));
    if (found == optimizer.state().end() || found->second == nullptr) refuse();
  }
  set_options(optimizer, state.options);
}

void require_loadable(const std::string& name, const torch::optim::Optimizer& optimizer) {
  if (new_state(optimizer) != nullptr) return;
  OutputArchive archive;
  optimizer.save(archive);
  if (!values_of(module_of(archive)).empty()) return;
  try {
    refuse();
  } catch (Error& error) {
    throw error.at(name);
  }
}

}  // namespace holdfast
