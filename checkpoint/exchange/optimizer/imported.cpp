#include <holdfast/checkpoint/exchange/optimizer/imported.h>

#include <map>
#include <optional>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/models/model_naming.h>
#include <holdfast/checkpoint/exchange/models/state_dict.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/load/entry_source.h>

namespace holdfast::exchange {
namespace {

// "net/fc.weight" of "models/net/parameters/fc.weight"; empty for what is no parameter.
std::string parameter_of(const std::string& entry) {
  if (!is_parameter(entry)) return "";
  const auto components = format::split(entry);
  if (!components || components->size() != 4) return "";
  return format::join({(*components)[1], (*components)[3]});
}

// The parameters of the checkpoint, by what people and Python call them.
class Parameters {
 public:
  Parameters(const std::vector<Item>& items, const std::string& file) : file_(file) {
    for (const Item& item : items) {
      const std::string name = parameter_of(item.name);
      if (name.empty()) continue;
      const std::string own = item.alias_of.empty() ? name : parameter_of(item.alias_of);
      known_.emplace(name, Known{item.shape, own.empty() ? name : own});
      const std::vector<std::string> components = *format::split(name);
      models_.insert(components.front());
      models_with_[components.back()].insert(components.front());
    }
  }

  // The parameters of these names, which keep the names that were given.
  std::vector<Parameter> named(const std::vector<std::string>& names) const {
    std::vector<Parameter> parameters;
    for (const std::string& name : names) {
      const auto& [full, known] = find(name);
      parameters.push_back({full, known.shape});
    }
    return parameters;
  }

  // The parameters of the one model, in that order; tied ones once.
  std::vector<Parameter> in_order(const std::vector<std::string>& dotted_names) const {
    std::vector<Parameter> parameters;
    std::set<std::string> done;
    for (const std::string& dotted : dotted_names) {
      const auto found = known_.find(format::join({*models_.begin(), dotted}));
      if (found == known_.end() || !done.insert(found->second.own_name).second) continue;
      parameters.push_back({found->second.own_name, found->second.shape});
    }
    return parameters;
  }

  bool is_one_model() const { return models_.size() == 1; }

 private:
  struct Known {
    Shape shape;
    std::string own_name;  // of a tied parameter: the name that has the bytes
  };
  using ByName = std::map<std::string, Known>;

  const ByName::value_type& find(const std::string& name) const {
    const auto found = known_.find(name);
    if (found != known_.end()) return *found;
    const auto models = models_with_.find(name);
    if (models == models_with_.end())
      throw Error(ErrorKind::kMismatch, "a parameter of the optimizer is in no imported model")
          .at(file_)
          .found(in_quotes(name));
    const std::string first = format::join({*models->second.begin(), name});
    if (models->second.size() == 1) return *known_.find(first);
    throw Error(ErrorKind::kMismatch, "a parameter of the optimizer is in several models")
        .at(file_)
        .expected(in_quotes(first) + ", or of another model")
        .found(in_quotes(name));
  }

  const std::string& file_;
  ByName known_;
  std::set<std::string> models_;
  std::map<std::string, std::set<std::string>> models_with_;  // a parameter of that name
};

// Empty if there is none of the name in `like`.
std::optional<PythonOptimizer> optimizer_in(const std::shared_ptr<const CheckpointFiles>& like,
                                            const std::string& optimizer) {
  if (like == nullptr) return std::nullopt;
  const std::string part = format::join({"optimizers", optimizer});
  const std::vector<Item> items =
      holdfast::items_of(like, [&](const auto& entry) { return part_of(entry.name) == part; });
  if (items.empty()) return std::nullopt;
  return to_python(items, optimizer);
}

OptimizerClass class_for(const OptimizerFile& file, const Value& state_dict,
                         const std::optional<PythonOptimizer>& model) {
  if (file.type) return *file.type;
  if (const auto type = class_of(state_dict)) return *type;
  if (model) return model->type;
  throw Error(ErrorKind::kInvalidArgument,
              "the file does not say what class the optimizer \"" + file.name + "\" is of")
      .at(file.path)
      .expected(
          "SGD, which its options tell, or --optimizer-class Adam or AdamW: their files look alike")
      .remedy("name its class (--optimizer-class of the tool)");
}

// The dict's groups. Empty if it has none; from_python() refuses it then.
std::vector<Value> groups_of(const Value& state_dict) {
  const Value* groups =
      state_dict.dict() == nullptr ? nullptr : state_dict.dict()->find("param_groups");
  if (groups == nullptr || groups->sequence() == nullptr) return {};
  return *groups->sequence();
}

// The names that PyTorch stores if the optimizer was given named parameters. Empty if a group has
// none.
std::vector<std::string> noted_names(const std::vector<Value>& groups) {
  std::vector<std::string> names;
  for (const Value& group : groups) {
    const Value* noted = group.dict() == nullptr ? nullptr : group.dict()->find("param_names");
    if (noted == nullptr || noted->sequence() == nullptr) return {};
    for (const Value& name : *noted->sequence()) {
      if (name.text() == nullptr) return {};
      names.push_back(*name.text());
    }
  }
  return names;
}

// Names two parameters that a tensor of state would both fit. Empty if there are none.
std::string two_of_one_shape(const std::vector<Parameter>& parameters) {
  std::map<Shape, std::string> names;
  for (const Parameter& one : parameters) {
    const auto [first, is_new] = names.emplace(one.shape, one.name);
    if (!is_new)
      return in_quotes(first->second) + " and " + in_quotes(one.name) + ", both of the shape " +
             to_string(one.shape);
  }
  return "";
}

// Takes the order of the model's file. A program may have sorted that file's keys, so this is safe
// only if no two parameters have the same shape: else a parameter could get the state of another.
// If there is no state, a restore still compares the names.
std::vector<Parameter> guessed(const OptimizerFile& file, const ImportedModels& models,
                               const Parameters& parameters, std::size_t groups) {
  std::string found = std::to_string(groups) + (groups == 1 ? " group" : " groups");
  if (groups <= 1 && !models.order.empty() && parameters.is_one_model()) {
    std::vector<Parameter> in_order = parameters.in_order(models.order);
    found = two_of_one_shape(in_order);
    if (found.empty()) return in_order;
  }
  throw Error(ErrorKind::kInvalidArgument, "nothing tells which parameters the optimizer \"" +
                                               file.name + "\" has in which order")
      .at(file.path)
      .expected(
          "param_names in the groups, or one group and one model of a PyTorch file, whose "
          "parameters have shapes that tell them apart")
      .found(found)
      .remedy(
          "list them (--parameters of the tool), or take them from a checkpoint with it (--like)");
}

std::vector<Parameter> parameters_for(const OptimizerFile& file, const ImportedModels& models,
                                      const Value& state_dict,
                                      const std::optional<PythonOptimizer>& model) {
  const Parameters parameters(models.items, file.path);
  if (!file.parameters.empty()) return parameters.named(file.parameters);
  if (model) return parameters.named(model->parameters);
  const std::vector<Value> groups = groups_of(state_dict);
  const std::vector<std::string> noted = noted_names(groups);
  if (!noted.empty()) return parameters.named(noted);
  return guessed(file, models, parameters, groups.size());
}

// As the path's ending says, if such a file can hold an optimizer's state.
const FileFormat& format_of(const OptimizerFile& file) {
  const FileFormat* format = file_format_of(file.path);
  return format != nullptr && format->traits().nests ? *format : torch_format();
}

// As from_python(), but Errors name the file, too.
std::vector<Item> items_for(const OptimizerFile& file, const Value& state_dict, OptimizerClass type,
                            const std::vector<Parameter>& parameters) {
  FromPythonOptions options;
  options.ignored = file.ignored;
  try {
    return from_python(state_dict, file.name, type, parameters, options);
  } catch (Error& error) {
    const bool is_of_content =
        error.kind() == ErrorKind::kMismatch || error.kind() == ErrorKind::kUnsupported;
    if (is_of_content) error.at(file.path + ", " + error.path());
    throw;
  }
}

}  // namespace

ImportedState import_optimizer(std::shared_ptr<FileSystem> fs, const OptimizerFile& file,
                               const ImportedModels& models,
                               const std::shared_ptr<const CheckpointFiles>& like) {
  const Value value = read_value(std::move(fs), file.path, format_of(file));
  const Value& state_dict = value_at(value, file.key, file.path);
  const auto model = optimizer_in(like, file.name);
  ImportedState state;
  state.optimizer.name = file.name;
  state.optimizer.type = class_for(file, state_dict, model);
  const std::vector<Parameter> parameters = parameters_for(file, models, state_dict, model);
  for (const Parameter& one : parameters) state.optimizer.parameters.push_back(one.name);
  state.items = items_for(file, state_dict, state.optimizer.type, parameters);
  return state;
}

}  // namespace holdfast::exchange
