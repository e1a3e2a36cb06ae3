#include <holdfast/checkpoint/exchange/import_checkpoint.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/manifest_entry.h>
#include <holdfast/checkpoint/exchange/models/model_naming.h>
#include <holdfast/checkpoint/exchange/models/state_dict.h>
#include <holdfast/checkpoint/exchange/optimizer/imported.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/run/write_checkpoint.h>

namespace holdfast::exchange {
namespace {

constexpr const char* kDefaultModel = "model";
constexpr std::size_t kMostItems = 500'000;  // each takes some KB of memory

// Reports what is read.
class ToldSource final : public Source {
 public:
  ToldSource(std::shared_ptr<Source> source, Progress progress)
      : source_(std::move(source)), progress_(std::move(progress)) {}

  void copy(std::uint64_t offset, ByteSpan to) const override {
    source_->copy(offset, to);
    progress_(to.size);
  }
  void release() noexcept override { source_.reset(); }

 private:
  std::shared_ptr<Source> source_;
  Progress progress_;
};

void tell(std::vector<Item>& items, const ImportOptions& options) {
  if (options.on_start) options.on_start(bytes_of(items));
  if (!options.progress) return;
  for (Item& item : items)
    if (item.source != nullptr)
      item.source = std::make_shared<ToldSource>(std::move(item.source), options.progress);
}

// Whether the items are entries of a checkpoint, by their names.
bool is_checkpoint(const std::vector<Item>& items) {
  return std::any_of(items.begin(), items.end(), [](const Item& item) {
    return is_parameter(item.name) || is_buffer(item.name);
  });
}

Error not_for_such_a_file(const std::string& path, const char* what) {
  return Error(ErrorKind::kInvalidArgument,
               std::string(what) + " was given, but the file itself says what its tensors are")
      .at(path)
      .remedy("leave it out");
}

// "group/fc1.weight" becomes "group.fc1.weight". The name of an entry is unescaped; a path is not
// escaped.
std::string dots_for_groups(const std::string& entry) {
  const auto components = format::split(entry);
  if (!components) return entry;
  std::string name;
  for (const std::string& component : *components) name += (name.empty() ? "" : ".") + component;
  return name;
}
std::string dots_for_slashes(std::string path) {
  std::replace(path.begin(), path.end(), '/', '.');
  return path;
}

// The models of the items, in the order in which they first appear.
std::vector<std::string> models_of(const std::vector<Item>& items) {
  std::vector<std::string> models;
  std::set<std::string> seen;
  for (const Item& item : items) {
    const auto part = format::split(part_of(item.name));
    const bool is_of_model = part && part->size() == 2 && part->front() == "models";
    if (is_of_model && seen.insert(part->back()).second) models.push_back(part->back());
  }
  return models;
}

class Import {
 public:
  Import(std::shared_ptr<FileSystem> fs, const std::string& path, const FileFormat& format,
         const ImportOptions& options)
      : fs_(std::move(fs)), path_(path), format_(format), options_(options) {}

  // All entries of the checkpoint.
  std::vector<Item> items() {
    ImportedModels models;
    models.items = items_of_models();
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
    format::Manifest manifest = kept_.value_or(format::Manifest());
    manifest.created = utc_now();
    if (options_.step) manifest.step = *options_.step;
    if (!kept_) manifest.run_id = random_id();
    manifest.environment["imported_from"] = format::printable(path_);
    for (const auto& [key, value] : metadata_)
      manifest.environment[metadata_prefix(format_) + key] = value;
    return manifest;
  }

 private:
  std::vector<Item> items_of_models() {
    using Names = FileContents::Names;
    FileContents contents = read_file(fs_, path_, format_);
    metadata_ = std::move(contents.metadata);
    if (format_.traits().nests)
      return as_models([&](const auto& key) { return tensors_at(contents.value, key, path_); });

    check_count(contents.items);
    if (contents.names == Names::kEntries) {
      kept_ = take_manifest(contents.items, path_);
      if (kept_) {
        const std::vector<std::string> order = take_order(contents.items, path_);
        contents.items = in_order(std::move(contents.items), order);
      }
      if (kept_ || is_checkpoint(contents.items)) return as_checkpoint(std::move(contents.items));
    }
    const std::vector<Item> items =
        renamed(std::move(contents.items), [&](const std::string& name) {
          return contents.names == Names::kEntries ? dots_for_groups(name)
                 : contents.names == Names::kPaths ? dots_for_slashes(name)
                                                   : name;
        });
    return as_models([&](const auto& key) { return tensors_at(items, key, path_); });
  }

  // For a file that says itself what its tensors are.
  std::vector<Item> as_checkpoint(std::vector<Item> items) const {
    if (!options_.buffers.empty()) throw not_for_such_a_file(path_, "a pattern of buffers");
    if (!options_.models.empty()) items = of_chosen_models(items);
    if (options_.like == nullptr) return items;
    check_same_models(items, models_of(items), *options_.like, path_);
    std::vector<std::string> order;
    for (const format::Entry& entry : options_.like->catalog().entries) order.push_back(entry.name);
    return in_order(std::move(items), order);
  }

  std::vector<Item> of_chosen_models(const std::vector<Item>& items) const {
    const std::vector<std::string> there = models_of(items);
    std::set<std::string> parts;
    for (const ModelInFile& model : options_.models) {
      if (!model.key.empty()) throw not_for_such_a_file(path_, "a key");
      if (std::find(there.begin(), there.end(), model.name) == there.end())
        throw Error(ErrorKind::kNotFound, "there is no model of that name in the file")
            .at(path_)
            .expected(format::list_in_quotes(there))
            .found(format::in_quotes(model.name));
      parts.insert(format::join({"models", model.name}));
    }
    return choose(items, [&](const Item& item) { return parts.count(part_of(item.name)) != 0; });
  }

  // For any other file. `tensors_at` returns the tensors of the state dict at a key.
  template <typename TensorsAt>
  std::vector<Item> as_models(const TensorsAt& tensors_at) {
    check_buffer_options();
    std::vector<Item> entries;
    std::set<std::string> names;
    const std::vector<ModelInFile> one_model(1);
    for (const ModelInFile& model : options_.models.empty() ? one_model : options_.models) {
      std::vector<Item> tensors = tensors_at(model.key);
      check_count(tensors);
      // With `like` every name is compared, which leaves no doubt.
      if (options_.like == nullptr) require_model_alone(tensors, model.key, path_);
      note_order(tensors);
      note_buffers(tensors);
      const std::string name = name_of_model(model);
      if (!names.insert(name).second)
        throw Error(ErrorKind::kInvalidArgument, "two models get the same name").found(name);
      tensors = options_.like == nullptr
                    ? named_by_convention(std::move(tensors), name, options_.buffers)
                    : named_like(std::move(tensors), name, *options_.like, path_);
      std::move(tensors.begin(), tensors.end(), std::back_inserter(entries));
    }
    check_buffers();
    tie_models(entries);
    return entries;
  }

  void check_count(const std::vector<Item>& items) const {
    if (items.size() <= kMostItems) return;
    throw Error(ErrorKind::kUnsupported, "the file has too many tensors and values")
        .at(path_)
        .expected(std::to_string(kMostItems) + " at most")
        .found(std::to_string(items.size()));
  }

  void check_buffer_options() const {
    if (options_.like == nullptr || options_.buffers.empty()) return;
    throw Error(ErrorKind::kInvalidArgument,
                "a pattern of buffers and a checkpoint that tells the buffers cannot both be given")
        .at(path_)
        .remedy("leave one of them out");
  }

  void note_order(const std::vector<Item>& tensors) {
    if (!format_.traits().keeps_order || options_.models.size() > 1) return;
    for (const Item& tensor : tensors) order_.push_back(tensor.name);
  }

  void note_buffers(const std::vector<Item>& tensors) {
    for (const std::string& pattern : options_.buffers)
      if (std::any_of(tensors.begin(), tensors.end(),
                      [&](const Item& tensor) { return format::matches(pattern, tensor.name); }))
        matching_.insert(pattern);
  }

  void check_buffers() const {
    for (const std::string& pattern : options_.buffers)
      if (matching_.count(pattern) == 0)
        throw Error(ErrorKind::kNotFound, "no tensor matches the pattern of buffers")
            .at(path_)
            .found(format::in_quotes(pattern));
  }

  std::string name_of_model(const ModelInFile& model) const {
    if (!model.name.empty()) return model.name;
    if (options_.like == nullptr) return kDefaultModel;
    const CheckpointFiles& like = *options_.like;
    const auto models = choose_models(like.catalog(), like.path(), {});
    if (models.size() == 1) return models.front();
    throw Error(ErrorKind::kInvalidArgument,
                "the checkpoint has several models, and none was chosen")
        .at(like.path())
        .expected("one of " + format::list_in_quotes(models))
        .remedy("name it (--model of the tool)");
  }

  std::shared_ptr<FileSystem> fs_;
  const std::string& path_;
  const FileFormat& format_;
  const ImportOptions& options_;
  std::optional<format::Manifest> kept_;  // from the file
  Metadata metadata_;
  std::vector<std::string> order_;  // ImportedModels::order
  std::set<std::string> matching_;  // the patterns of buffers that match a tensor
  std::vector<ImportedOptimizer> optimizers_;
};

}  // namespace

ImportReport import_checkpoint(std::shared_ptr<FileSystem> fs, const std::string& path,
                               const FileFormat& format, const std::string& to,
                               const ImportOptions& options) {
  Import work(fs, path, format, options);
  std::vector<Item> items = work.items();
  ImportReport report;
  report.optimizers = work.take_optimizers();
  report.models = models_of(items);
  for (const Item& item : items) {
    if (is_parameter(item.name)) ++report.parameters;
    if (is_buffer(item.name)) ++report.buffers;
  }
  tell(items, options);
  format::Manifest manifest = work.manifest();
  report.step = manifest.step;
  report.bytes =
      write_checkpoint(std::move(fs), to, std::move(manifest), std::move(items), options.saving)
          .bytes;
  return report;
}

}  // namespace holdfast::exchange
