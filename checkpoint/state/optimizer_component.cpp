#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <typeinfo>
#include <utility>

#include <c10/util/Type.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/components.h>
#include <holdfast/checkpoint/state/items.h>
#include <holdfast/checkpoint/state/optimizer_state.h>
#include <holdfast/checkpoint/state/value_tree.h>

namespace holdfast {
namespace {

using Names = std::vector<std::string>;

std::string lines_of(const Names& names) {
  std::string text;
  for (const std::string& name : names) text += text.empty() ? name : "\n" + name;
  return text;
}

Names names_in(const std::string& lines) {
  Names names;
  std::istringstream stream(lines);
  for (std::string name; std::getline(stream, name);) names.push_back(name);
  return names;
}

// What tells two lists of parameters apart.
std::string difference(const Names& stored, const Names& live) {
  const auto [a, b] = std::mismatch(stored.begin(), stored.end(), live.begin(), live.end());
  const std::string none = "no further parameter";
  return (a == stored.end() ? none : *a) + " in the checkpoint, " + (b == live.end() ? none : *b) +
         " here";
}

// optimizers/<name>/
//   type                            text: the optimizer's class
//   groups/<i>/params               text: its parameters in order, "<model>/<dotted.name>" a line
//   groups/<i>/<option>             value_tree.h
//   state/<model>/<dotted.name>/<slot>   value_tree.h; no slots for a parameter without a state,
//                                   "none" for a state that has no values
class OptimizerComponent final : public Component {
 public:
  OptimizerComponent(const std::string& name, torch::optim::Optimizer& optimizer)
      : prefix_(format::join({"optimizers", name})), optimizer_(optimizer) {}

  const std::string& prefix() const override { return prefix_; }

  void capture(Capture& capture) const override {
    const OptimizerState state = state_of(optimizer_);
    if (!state.states.empty() && !std::exchange(loadable_, true)) {
      require_loadable(prefix_, optimizer_);
    }
    capture.add(text_item(prefix_ + "/type", type()));
    capture_groups(capture, state);
    for (const ParameterState& one : state.states) capture_state(capture, one);
  }

  void prepare(Restore& restore) override {
    pending_.reset();
    const std::vector<Names> live = parameter_names(restore.parameters());
    const auto stored = restore.fetch(prefix_);
    if (stored == nullptr) return;
    if (stored->text("type") != type()) {
      restore.problem(prefix_ + ": " + stored->text("type") + " in the checkpoint, " + type() +
                      " here");
      return;
    }
    if (same_groups(restore, *stored, live)) pending_ = read(restore, *stored, live);
  }

  void apply() override {
    if (!pending_) return;
    const OptimizerState state = *std::exchange(pending_, std::nullopt);
    set_state(optimizer_, state);
  }

 private:
  std::string type() const { return c10::demangle(typeid(optimizer_).name()); }

  std::string group_path(std::size_t index) const {
    return prefix_ + "/groups/" + std::to_string(index);
  }

  // By group; "<model>/<dotted.name>" each.
  std::vector<Names> parameter_names(const ParameterNames& parameters) const {
    std::vector<Names> groups;
    for (const auto& group : optimizer_.param_groups()) {
      Names& names = groups.emplace_back();
      for (const at::Tensor& parameter : group.params()) {
        const std::string* name = parameters.find(parameter);
        if (name == nullptr) refuse_foreign(groups.size() - 1, names.size());
        names.push_back(*name);
      }
    }
    return groups;
  }

  [[noreturn]] void refuse_foreign(std::size_t group, std::size_t index) const {
    throw Error(ErrorKind::kInvalidArgument, "parameter " + std::to_string(index) + " of group " +
                                                 std::to_string(group) +
                                                 " belongs to no registered model")
        .at(prefix_)
        .remedy("register its model, too, with State::model");
  }

  void capture_groups(Capture& capture, const OptimizerState& state) const {
    const std::vector<Names> names = parameter_names(capture.parameters());
    for (std::size_t i = 0; i < names.size(); ++i) {
      capture.add(text_item(group_path(i) + "/params", lines_of(names[i])));
      for (const auto& [option, value] : state.options[i]) {
        add_value(capture, group_path(i) + "/" + format::escape(option), value);
      }
    }
  }

  void capture_state(Capture& capture, const ParameterState& state) const {
    const std::string path = prefix_ + "/state/" + *capture.parameters().find(state.parameter);
    if (state.slots.empty()) capture.add(none_item(path));
    for (const auto& [slot, value] : state.slots) {
      add_value(capture, path + "/" + format::escape(slot), value);
    }
  }

  bool same_groups(Restore& restore, const StoredState& stored,
                   const std::vector<Names>& live) const {
    const StoredState& groups = stored.group("groups");
    if (groups.names().size() != live.size()) {
      restore.problem(prefix_ + ": " + std::to_string(groups.names().size()) +
                      " parameter groups in the checkpoint, " + std::to_string(live.size()) +
                      " here");
      return false;
    }
    bool same = true;
    for (std::size_t i = 0; i < live.size(); ++i) {
      const Names names = names_in(groups.group(std::to_string(i)).text("params"));
      if (names == live[i]) continue;
      restore.problem(group_path(i) + "/params: " + difference(names, live[i]));
      same = false;
    }
    return same;
  }

  OptimizerState read(Restore& restore, const StoredState& stored,
                      const std::vector<Names>& live) const {
    OptimizerState state;
    std::set<std::string> states = stored_states(stored);
    for (std::size_t i = 0; i < live.size(); ++i) {
      state.options.push_back(values_in(stored.group("groups").group(std::to_string(i)), "params"));
      for (std::size_t j = 0; j < live[i].size(); ++j) {
        if (states.erase(live[i][j]) == 0) continue;
        const auto path = *format::split(live[i][j]);
        state.states.push_back({optimizer_.param_groups()[i].params()[j],
                                values_in(stored.group("state").group(path[0]).group(path[1]))});
      }
    }
    for (const std::string& name : states) {
      restore.problem(prefix_ + "/state/" + name + ": the state of a parameter of no group");
    }
    return state;
  }

  static std::set<std::string> stored_states(const StoredState& stored) {
    std::set<std::string> names;
    const StoredState* models = stored.find_group("state");
    if (models == nullptr) return names;
    for (const std::string& model : models->names()) {
      for (const std::string& parameter : models->group(model).names()) {
        names.insert(format::join({model, parameter}));
      }
    }
    return names;
  }

  static ArchiveValues values_in(const StoredState& group, const std::string& except = {}) {
    ArchiveValues values;
    for (const std::string& name : group.names()) {
      if (except.empty() || name != except) values.emplace_back(name, value_of(group, name));
    }
    return values;
  }

  std::string prefix_;
  torch::optim::Optimizer& optimizer_;
  mutable bool loadable_ = false;  // require_loadable has passed
  std::optional<OptimizerState> pending_;
};

}  // namespace

std::unique_ptr<Component> optimizer_component(const std::string& name,
                                               torch::optim::Optimizer& optimizer) {
  return std::make_unique<OptimizerComponent>(name, optimizer);
}

}  // namespace holdfast
