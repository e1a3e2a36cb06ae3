#include <holdfast/checkpoint/exchange/import_checkpoint.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/exchange/file_writer.h>
#include <holdfast/checkpoint/exchange/hdf5_file.h>
#include <holdfast/checkpoint/exchange/imported_optimizer.h>
#include <holdfast/checkpoint/exchange/state_dict.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/load/parts.h>
#include <holdfast/checkpoint/save/write_checkpoint.h>

namespace holdfast::exchange {
namespace {

constexpr const char* kDefaultModel = "model";

bool is_parameter(const std::string& entry) {
  return format::matches("models/*/parameters/*", entry);
}
bool is_buffer(const std::string& entry) {
  return format::matches("models/*/buffers/*", entry);
}

// What a file of names of entries has.
bool is_checkpoint(const std::vector<Item>& items) {
  return std::any_of(items.begin(), items.end(), [](const Item& item) {
    return is_parameter(item.name) || is_buffer(item.name);
  });
}

Error not_for_such_a_file(const std::string& path, const char* what) {
  return Error(ErrorKind::kInvalidArgument,
               std::string(what) + " is given for a file that says itself what its tensors are")
      .at(path)
      .remedy("leave it out");
}

// The model's entry in `like` for each dotted name; in order.
struct Likeness {
  std::vector<std::string> order;
  std::set<std::string> buffers;
};

Likeness likeness_of(const CheckpointFiles& like, const std::string& model) {
  Likeness likeness;
  const std::string part = format::join({"models", model});
  for (const format::Entry& entry : like.catalog().entries) {
    const auto components = format::split(entry.name);
    if (part_of(entry.name) != part || !components || components->size() != 4) continue;
    likeness.order.push_back(components->back());
    if (is_buffer(entry.name)) likeness.buffers.insert(components->back());
  }
  return likeness;
}

void check_same_names(const std::vector<Item>& items, const Likeness& likeness,
                      const std::string& path, const std::string& like) {
  std::set<std::string> in_file;
  for (const Item& item : items) in_file.insert(item.name);
  const std::set<std::string> in_like(likeness.order.begin(), likeness.order.end());
  const auto only_in = [](const std::set<std::string>& a, const std::set<std::string>& b) {
    std::vector<std::string> names;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(names));
    return names.empty() ? "nothing" : format::list_in_quotes(names);
  };
  if (in_file == in_like) return;
  throw Error(ErrorKind::kMismatch, "the file has other tensors than " + like)
      .at(path)
      .found("only in the file " + only_in(in_file, in_like) + ", only there " +
             only_in(in_like, in_file));
}

// "group/fc1.weight" becomes "group.fc1.weight".
std::string dotted_name(const std::string& path_in_file) {
  const auto components = format::split(path_in_file);
  if (!components) return path_in_file;
  std::string name;
  for (const std::string& component : *components) name += (name.empty() ? "" : ".") + component;
  return name;
}

// The items of plain HDF5 below a dotted path, by what follows it.
std::vector<Item> with_dotted_names(const std::vector<Item>& items, const std::string& path) {
  const std::string prefix = path.empty() ? "" : path + ".";
  return renamed(choose(items,
                        [&](const Item& item) {
                          return dotted_name(item.name).compare(0, prefix.size(), prefix) == 0;
                        }),
                 [&](const std::string& name) { return dotted_name(name).substr(prefix.size()); });
}

class Import {
 public:
  Import(std::shared_ptr<FileSystem> fs, const std::string& path, FileFormat format,
         const ImportOptions& options)
      : fs_(std::move(fs)), path_(path), format_(format), options_(options) {}

  // All entries of the checkpoint.
  std::vector<Item> items() {
    ImportedModels models;
    models.items = format_ == FileFormat::kHdf5 ? items_of_hdf5() : as_model(tensors_of_file());
    models.order = std::move(order_);
    std::vector<Item> items = models.items;
    for (const OptimizerFile& file : options_.optimizers) {
      ImportedState state = import_optimizer(fs_, file, models, options_.like);
      std::move(state.items.begin(), state.items.end(), std::back_inserter(items));
      optimizers_.push_back(std::move(state.optimizer));
    }
    return items;
  }

  std::vector<ImportedOptimizer> take_optimizers() { return std::move(optimizers_); }

  format::Manifest manifest() const {
    format::Manifest manifest;
    manifest.step = options_.step;
    manifest.created = utc_now();
    manifest.run_id = random_id();
    manifest.environment["imported_from"] = format::printable(path_);
    for (const auto& [key, value] : metadata_)
      manifest.environment[std::string(name_of(format_)) + "." + key] = value;
    return manifest;
  }

 private:
  std::vector<Item> tensors_of_file() {
    FileContents contents = read_file(fs_, path_, format_);
    metadata_ = std::move(contents.metadata);
    std::vector<Item> tensors = tensors_of(value_at(contents.value, options_.key, path_), path_);
    if (format_ == FileFormat::kTorch)  // the others' names are in no order that tells something
      for (const Item& tensor : tensors) order_.push_back(tensor.name);
    return tensors;
  }

  std::vector<Item> items_of_hdf5() {
    Hdf5Contents contents = read_hdf5_file(open_file(fs_, path_));
    const bool has_entries = contents.is_shard && is_checkpoint(contents.items);
    if (has_entries) return as_checkpoint(std::move(contents.items));
    return as_model(tensors_of(value_of(with_dotted_names(contents.items, options_.key)), path_));
  }

  std::vector<Item> as_checkpoint(std::vector<Item> items) const {
    if (!options_.key.empty()) throw not_for_such_a_file(path_, "a key");
    if (!options_.buffers.empty()) throw not_for_such_a_file(path_, "a pattern of buffers");
    if (!options_.model.empty()) items = of_model(items);
    std::vector<std::string> order;
    if (options_.like != nullptr)
      for (const format::Entry& entry : options_.like->catalog().entries)
        order.push_back(entry.name);
    return in_order(std::move(items), order);
  }

  std::vector<Item> of_model(const std::vector<Item>& items) const {
    const std::string part = format::join({"models", options_.model});
    std::set<std::string> parts;
    for (const Item& item : items) parts.insert(part_of(item.name));
    if (parts.count(part) == 0)
      throw Error(ErrorKind::kNotFound, "there is no model of that name in the file")
          .at(path_)
          .expected(format::list_in_quotes({parts.begin(), parts.end()}))
          .found(format::in_quotes(options_.model));
    return choose(items, [&](const Item& item) { return part_of(item.name) == part; });
  }

  // The tensors of a state dict, under the names of entries.
  std::vector<Item> as_model(std::vector<Item> items) const {
    return options_.like == nullptr ? by_convention(std::move(items))
                                    : by_likeness(std::move(items));
  }

  std::vector<Item> by_likeness(std::vector<Item> items) const {
    const CheckpointFiles& like = *options_.like;
    if (!options_.buffers.empty())
      throw Error(ErrorKind::kInvalidArgument,
                  "both a pattern of buffers and a checkpoint that says what is one are given")
          .at(path_)
          .remedy("leave one of them out");
    const std::string model = model_in(like);
    const Likeness likeness = likeness_of(like, model);
    check_same_names(items, likeness, path_, like.path());
    return named(in_order(std::move(items), likeness.order), model,
                 [&](const Item& item) { return likeness.buffers.count(item.name) != 0; });
  }

  std::vector<Item> by_convention(std::vector<Item> items) const {
    for (const std::string& pattern : options_.buffers)
      if (std::none_of(items.begin(), items.end(),
                       [&](const Item& item) { return format::matches(pattern, item.name); }))
        throw Error(ErrorKind::kNotFound, "no tensor matches the pattern of buffers")
            .at(path_)
            .found(format::in_quotes(pattern));
    const std::string model = options_.model.empty() ? kDefaultModel : options_.model;
    return named(std::move(items), model, [&](const Item& item) {
      return is_buffer_by_convention(item) ||
             std::any_of(options_.buffers.begin(), options_.buffers.end(),
                         [&](const auto& pattern) { return format::matches(pattern, item.name); });
    });
  }

  std::string model_in(const CheckpointFiles& like) const {
    if (!options_.model.empty())
      return choose_models(like.catalog(), like.path(), {options_.model}).front();
    const auto models = choose_models(like.catalog(), like.path(), {});
    if (models.size() == 1) return models.front();
    throw Error(ErrorKind::kInvalidArgument, "which of the models is meant?")
        .at(like.path())
        .expected("one of " + format::list_in_quotes(models));
  }

  // Parameters first, as a checkpoint has them.
  template <typename IsBuffer>
  static std::vector<Item> named(std::vector<Item> items, const std::string& model,
                                 const IsBuffer& is_buffer) {
    std::map<std::string, std::string> names;
    for (const Item& item : items) {
      const char* kind = is_buffer(item) ? "buffers" : "parameters";
      names[item.name] = format::join({"models", model, kind, item.name});
    }
    items = renamed(std::move(items), [&](const std::string& name) { return names.at(name); });
    std::vector<std::string> order;
    for (const Item& item : items)
      if (is_parameter(item.name)) order.push_back(item.name);
    return in_order(std::move(items), order);
  }

  std::shared_ptr<FileSystem> fs_;
  const std::string& path_;
  const FileFormat format_;
  const ImportOptions& options_;
  Metadata metadata_;
  std::vector<std::string> order_;  // ImportedModels::order
  std::vector<ImportedOptimizer> optimizers_;
};

}  // namespace

ImportReport import_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& path,
                               FileFormat format, const std::string& to,
                               const ImportOptions& options) {
  Import work(fs, path, format, options);
  std::vector<Item> items = work.items();
  ImportReport report;
  report.optimizers = work.take_optimizers();
  for (const Item& item : items) {
    if (is_parameter(item.name)) ++report.parameters;
    if (is_buffer(item.name)) ++report.buffers;
    const auto components = format::split(item.name);
    const bool is_of_model =
        components && components->size() > 1 && components->front() == "models";
    if (is_of_model && std::find(report.models.begin(), report.models.end(), (*components)[1]) ==
                           report.models.end())
      report.models.push_back((*components)[1]);
  }
  report.bytes =
      write_checkpoint(std::move(fs), to, work.manifest(), std::move(items), options.saving).bytes;
  return report;
}

}  // namespace holdfast::exchange
