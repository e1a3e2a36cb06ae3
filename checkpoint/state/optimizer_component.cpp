#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <typeinfo>
#include <utility>

#include <c10/util/Type.h>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/state/component_kinds.h>
#include <holdfast/checkpoint/state/known_optimizers.h>
#include <holdfast/checkpoint/state/optimizer_state.h>
#include <holdfast/checkpoint/state/own_values.h>
#include <holdfast/checkpoint/state/value_tree.h>

namespace holdfast {
namespace {

using Names = std::vector<std::string_view>;

constexpr const char* kExtra = "extra";

std::string lines_of(const Names& names) {
  std::string text;
  for (const std::string_view name : names) {
    if (!text.empty()) text += '\n';
    text += name;
  }
  return text;
}

Names names_in(std::string_view lines) {
  Names names;
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    names.push_back(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  return names;
}

// Describes the first place where two lists of parameters differ.
std::string difference(const Names& stored, const Names& live) {
  const auto [a, b] = std::mismatch(stored.begin(), stored.end(), live.begin(), live.end());
  constexpr std::string_view kNone = "no further parameter";
  return std::string(a == stored.end() ? kNone : *a) + " in the checkpoint, " +
         std::string(b == live.end() ? kNone : *b) + " here";
}

// optimizers/<name>/
//   type                            text: the optimizer's class
//   groups/<i>/params               text: the group's parameters in order, "<model>/<dotted.name>",
//                                   one a line
//   groups/<i>/<option>             value_tree.h
//   state/<model>/<dotted.name>/<slot>   value_tree.h. A parameter without a state has no entry; a
//                                   state without values is "none" at state/<model>/<dotted.name>
//   extra/<key>                     value_tree.h. Only for a class of the program's own: what its
//                                   save() writes beside groups and states
//   own/…                           own_values.h. Only for a class that is also a Stateful
class OptimizerComponent final : public Component {
 public:
  OptimizerComponent(const std::string& name, torch::optim::Optimizer& optimizer)
      : prefix_(format::join({"optimizers", name})),
        optimizer_(optimizer),
        is_known_(new_state(optimizer) != nullptr),
        own_(dynamic_cast<Stateful*>(&optimizer)) {
    if (own_ == nullptr && loses_members(optimizer_)) refuse_derived(prefix_, type());
  }

  const std::string& prefix() const override { return prefix_; }

  void capture(Capture& capture) const override {
    capture.text(prefix_ + "/type", type());
    capture_groups(capture);
    std::string path = prefix_ + "/state/";
    const std::size_t length = path.size();
    for_each_state(optimizer_, [&](const at::Tensor& parameter, const auto& state) {
      if (!loadable_) require_loadable(prefix_, optimizer_);
      loadable_ = true;
      path += *capture.parameters().find(parameter);
      capture_state(capture, path, state);
      path.resize(length);
    });
    if (is_known_) return;
    // This serializes the whole optimizer once more, only to find values beside groups and states.
    // It cannot be left out, not even for a Stateful: whether the class overrides save(), and under
    // which conditions it writes more, can be seen in no other way.
    for (const auto& [key, value] : extra_values_of(optimizer_))
      add_value(capture, prefix_ + "/" + kExtra + "/" + format::escape(key), value);
    if (own_ != nullptr) save_values(*own_, capture, prefix_ + "/" + kOwnValues);
  }

  void prepare(Restore& restore) override {
    pending_.reset();
    stored_.reset();
    const std::vector<Names> live = parameter_names(restore.parameters());
    const auto stored = restore.fetch(prefix_);
    if (stored == nullptr) return;
    if (stored->text("type") != type()) {
      restore.problem(prefix_ + ": " + stored->text("type") + " in the checkpoint, " + type() +
                      " here");
      return;
    }
    if (!same_groups(restore, *stored, live)) return;
    if (own_ == nullptr && stored->find_group(kOwnValues) != nullptr)
      restore.problem(
          prefix_ + "/" + kOwnValues +
          ": values of a holdfast::Stateful in the checkpoint, a class that is none here");
    pending_ = read(restore, *stored, live);
    if (own_ != nullptr) stored_ = stored;
  }

  void apply() override {
    if (!pending_) return;
    const OptimizerState state = *std::exchange(pending_, std::nullopt);
    set_state(optimizer_, state);
    if (const auto stored = std::exchange(stored_, nullptr)) load_own_values(*own_, *stored);
  }

 private:
  std::string type() const { return c10::demangle(typeid(optimizer_).name()); }

  [[noreturn]] static void refuse_derived(const std::string& path, const std::string& type) {
    throw Error(ErrorKind::kUnsupported,
                "a class derived from LibTorch's, whose own members would be lost")
        .at(path)
        .expected("a class that writes them")
        .found(type)
        .remedy(
            "write and read the members: an optimizer in save() and load() or as a "
            "holdfast::Stateful (with empty functions if it has nothing to keep), options and "
            "parameter states in both functions serialize()");
  }

  std::string group_path(std::size_t index) const {
    return prefix_ + "/groups/" + std::to_string(index);
  }

  // "<model>/<dotted.name>" of each parameter of the group. The texts belong to `parameters`.
  Names parameter_names(const ParameterNames& parameters, std::size_t index) const {
    const auto& group = optimizer_.param_groups()[index].params();
    Names names;
    names.reserve(group.size());
    for (const at::Tensor& parameter : group) {
      const std::string* name = parameters.find(parameter);
      if (name == nullptr)
        throw Error(ErrorKind::kInvalidArgument, "parameter " + std::to_string(names.size()) +
                                                     " of group " + std::to_string(index) +
                                                     " belongs to no registered model")
            .at(prefix_)
            .remedy("register its model, too, with State::model");
      names.push_back(*name);
    }
    return names;
  }

  // The same of every group, in order.
  std::vector<Names> parameter_names(const ParameterNames& parameters) const {
    std::vector<Names> groups;
    for (std::size_t i = 0; i < optimizer_.param_groups().size(); ++i)
      groups.push_back(parameter_names(parameters, i));
    return groups;
  }

  void capture_groups(Capture& capture) const {
    const auto& groups = optimizer_.param_groups();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (groups[i].has_options()) require_kept(group_path(i), groups[i].options());
      capture.text(group_path(i) + "/params", lines_of(parameter_names(capture.parameters(), i)));
      for (const auto& [option, value] : options_of(groups[i])) {
        add_value(capture, group_path(i) + "/" + format::escape(option), value);
      }
    }
  }

  // Refuses options or a state of a derived class that does not write its members. A Stateful is
  // let pass: it may keep these members among its own values.
  template <typename Object>
  void require_kept(const std::string& path, const Object& object) const {
    if (own_ == nullptr && loses_members(object))
      refuse_derived(path, c10::demangle(typeid(object).name()));
  }

  // `path` is the group of this parameter's state. It serves as a buffer, to save an allocation for
  // each slot, and is restored before this returns.
  void capture_state(Capture& capture, std::string& path,
                     const torch::optim::OptimizerParamState& state) const {
    const std::size_t length = path.size();
    if (&typeid(state) != looked_at_) require_kept(path, state);  // once for a row of one class
    looked_at_ = &typeid(state);
    bool is_empty = true;
    for_each_slot(state, [&](const std::string& slot, const at::IValue& value) {
      is_empty = false;
      path += '/';
      path += format::escape(slot);
      add_value(capture, path, value);
      path.resize(length);
    });
    if (is_empty) capture.none(path);
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
      const std::string stored_names = groups.group(std::to_string(i)).text("params");
      const Names names = names_in(stored_names);
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
        if (states.erase(std::string(live[i][j])) == 0) continue;
        const auto path = *format::split(live[i][j]);
        state.states.push_back({optimizer_.param_groups()[i].params()[j],
                                values_in(stored.group("state").group(path[0]).group(path[1]))});
      }
    }
    if (const StoredState* extra = stored.find_group(kExtra)) state.extra = values_in(*extra);
    for (const std::string& name : states) {
      restore.problem(prefix_ + "/state/" + name +
                      ": a state in the checkpoint, but the parameter is in no group");
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
  bool is_known_;                  // exactly of one of LibTorch's classes
  Stateful* own_;                  // the optimizer as a Stateful; null if it is none
  mutable bool loadable_ = false;  // require_loadable() has passed
  mutable const std::type_info* looked_at_ = nullptr;  // the class that passed require_kept() last
  std::optional<OptimizerState> pending_;              // between prepare() and apply()
  std::shared_ptr<const StoredState> stored_;          // likewise, for own_
};

}  // namespace

std::unique_ptr<Component> optimizer_component(const std::string& name,
                                               torch::optim::Optimizer& optimizer) {
  return std::make_unique<OptimizerComponent>(name, optimizer);
}

}  // namespace holdfast
