#include <holdfast/checkpoint/exchange/imported_optimizer.h>

#include <map>
#include <optional>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/state_dict.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/load/entry_source.h>
#include <holdfast/checkpoint/load/parts.h>

namespace holdfast::exchange {
namespace {

// In order, by "<model>/<dotted.name>"; tied ones once, unless `with_ties`.
std::vector<Parameter> parameters_of(const std::vector<Item>& models, bool with_ties) {
  std::vector<Parameter> parameters;
  for (const Item& item : models) {
    if (!format::matches("models/*/parameters/*", item.name)) continue;
    if (!item.alias_of.empty() && !with_ties) continue;
    const auto components = format::split(item.name);
    if (components && components->size() == 4)
      parameters.push_back({format::join({(*components)[1], (*components)[3]}), item.shape});
  }
  return parameters;
}

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

// By the numbers of the optimizer in `like`.
std::vector<Parameter> parameters_for(const OptimizerFile& file, const std::vector<Item>& models,
                                      const std::vector<std::string>& names) {
  std::map<std::string, format::Shape> shapes;
  for (Parameter& one : parameters_of(models, true))
    shapes.emplace(std::move(one.name), std::move(one.shape));
  std::vector<Parameter> parameters;
  for (const std::string& name : names) {
    const auto found = shapes.find(name);
    if (found == shapes.end())
      throw Error(ErrorKind::kMismatch, "a parameter of the optimizer is in no imported model")
          .at(file.path)
          .found(name);
    parameters.push_back({name, found->second});
  }
  return parameters;
}

OptimizerClass class_for(const OptimizerFile& file, const Value& state_dict,
                         const std::optional<PythonOptimizer>& model) {
  if (file.type) return *file.type;
  if (const auto type = class_of(state_dict)) return *type;
  if (model) return model->type;
  throw Error(ErrorKind::kInvalidArgument,
              "the file does not say what class the optimizer \"" + file.name + "\" is of")
      .at(file.path)
      .expected("the state_dict() of SGD, or of Adam or AdamW, which look alike")
      .remedy("name its class (OptimizerFile::type; --optimizer-class of the tool)");
}

}  // namespace

std::vector<Item> import_optimizer(std::shared_ptr<FileSystem> fs, const OptimizerFile& file,
                                   const std::vector<Item>& models,
                                   const std::shared_ptr<const CheckpointFiles>& like) {
  const FileContents contents = read_file(std::move(fs), file.path, FileFormat::kTorch);
  const Value& state_dict = value_at(contents.value, file.key, file.path);
  const auto model = optimizer_in(like, file.name);
  FromPythonOptions options;
  options.ignored = file.ignored;
  return from_python(
      state_dict, file.name, class_for(file, state_dict, model),
      model ? parameters_for(file, models, model->parameters) : parameters_of(models, false),
      options);
}

}  // namespace holdfast::exchange
