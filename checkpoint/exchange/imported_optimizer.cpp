#include <holdfast/checkpoint/exchange/imported_optimizer.h>

#include <map>
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

// Of the optimizer in `like`, by its numbers; empty if that has none of the name.
std::vector<std::string> names_in_like(const std::shared_ptr<const CheckpointFiles>& like,
                                       const std::string& optimizer) {
  if (like == nullptr) return {};
  const std::string part = format::join({"optimizers", optimizer});
  const std::vector<Item> items =
      holdfast::items_of(like, [&](const auto& entry) { return part_of(entry.name) == part; });
  return items.empty() ? std::vector<std::string>() : to_python(items, optimizer).parameters;
}

std::vector<Parameter> parameters_for(const OptimizerFile& file, const std::vector<Item>& models,
                                      const std::shared_ptr<const CheckpointFiles>& like) {
  const std::vector<std::string> names = names_in_like(like, file.name);
  if (names.empty()) return parameters_of(models, false);
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

}  // namespace

std::vector<Item> import_optimizer(std::shared_ptr<FileSystem> fs, const OptimizerFile& file,
                                   const std::vector<Item>& models,
                                   const std::shared_ptr<const CheckpointFiles>& like) {
  const FileContents contents = read_file(std::move(fs), file.path, FileFormat::kTorch);
  const Value& state_dict = value_at(contents.value, file.key, file.path);
  const auto type = file.type ? file.type : class_of(state_dict);
  if (!type)
    throw Error(ErrorKind::kInvalidArgument,
                "the file does not say what class the optimizer \"" + file.name + "\" is of")
        .at(file.path)
        .expected("the state_dict() of SGD, or of Adam or AdamW, which look alike")
        .remedy("name its class");
  FromPythonOptions options;
  options.ignored = file.ignored;
  return from_python(state_dict, file.name, *type, parameters_for(file, models, like), options);
}

}  // namespace holdfast::exchange
