#include <holdfast/checkpoint/exchange/export_checkpoint.h>

#include <algorithm>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/formats/file_format.h>
#include <holdfast/checkpoint/exchange/formats/list.h>
#include <holdfast/checkpoint/exchange/manifest_entry.h>
#include <holdfast/checkpoint/exchange/models/state_dict.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/entry_source.h>

namespace holdfast::exchange {
namespace {

std::shared_ptr<FileSystem> file_system_of(const CheckpointFiles& files) {
  return files.directory().file_system();
}

// "fc1.weight" of "models/mlp/parameters/fc1.weight".
std::string name_in_state_dict(const std::string& entry) {
  const auto components = format::split(entry);
  if (components && components->size() == 4) return components->back();
  throw Error(ErrorKind::kUnsupported, "an entry of a model is neither a parameter nor a buffer")
      .at(entry);
}

// The newest of the versions that the items need. A group of an optimizer has floats as options.
std::string version_for(const std::vector<Item>& items, const FileFormat& format) {
  std::string_view newest = format.needed_version(Kind::kScalar, DType::kFloat64);
  for (const Item& item : items)
    newest = std::max(newest, format.needed_version(item.kind, item.dtype));
  return std::string(newest);
}

// If the format's files cannot hold `what`, as the trait says.
void require(bool FileFormat::Traits::*trait, const FileFormat& format, const char* what,
             const std::string& path) {
  if (format.traits().*trait) return;
  throw Error(ErrorKind::kInvalidArgument,
              "a file of " + std::string(format.name()) + " cannot hold " + what)
      .at(path)
      .remedy("write a file of " +
              names_of_formats([&](const FileFormat& other) { return other.traits().*trait; }));
}

}  // namespace

std::vector<Item> state_dict_of(std::shared_ptr<const CheckpointFiles> files,
                                const std::string& model, const Progress& progress) {
  choose_models(files->catalog(), files->path(), {model});
  const std::string part = format::join({"models", model});
  std::vector<Item> items = items_of(
      std::move(files), [&](const auto& entry) { return part_of(entry.name) == part; }, progress);
  return renamed(std::move(items), name_in_state_dict);
}

void write_state_dict(std::shared_ptr<FileSystem> fs, const std::string& path,
                      const FileFormat& format, std::vector<Item> items,
                      const WriteOptions& options) {
  if (format.traits().entries) items = renamed(std::move(items), format::escape);
  write_file(std::move(fs), path, format, items, options);
}

Metadata metadata_of(const CheckpointFiles& files, const FileFormat& format) {
  if (!format.traits().metadata) return {};
  const std::string prefix = metadata_prefix(format);
  Metadata metadata = format.traits().usual_metadata;
  for (const auto& [key, text] : files.manifest().environment)
    if (key.compare(0, prefix.size(), prefix) == 0) metadata[key.substr(prefix.size())] = text;
  return metadata;
}

ExportedOptimizer export_optimizer(std::shared_ptr<const CheckpointFiles> files,
                                   const std::string& optimizer, const std::string& path,
                                   const FileFormat& format, const Progress& progress) {
  require(&FileFormat::Traits::nests, format, "the state of an optimizer", path);
  const std::string part = format::join({"optimizers", optimizer});
  const std::vector<Item> items = items_of(
      files, [&](const auto& entry) { return part_of(entry.name) == part; }, progress);
  if (items.empty())
    throw Error(ErrorKind::kNotFound, "there is no optimizer of that name in the checkpoint")
        .at(files->path())
        .expected(format::list_in_quotes(names_in(files->catalog(), "optimizers")))
        .found(format::in_quotes(optimizer));
  PythonOptimizer python = to_python(items, optimizer);
  write_value(file_system_of(*files), path, format, python.state_dict);
  return {python.type, std::move(python.parameters), version_for(items, format)};
}

std::size_t export_checkpoint(std::shared_ptr<const CheckpointFiles> files, const std::string& path,
                              const FileFormat& format, const Progress& progress) {
  require(&FileFormat::Traits::entries, format, "a whole checkpoint", path);
  std::vector<Item> items = items_of(
      files, [](const auto&) { return true; }, progress);
  const std::size_t count = items.size();
  for (const char* const name : {kManifestEntry, kOrderEntry})
    if (files->find(name) != nullptr)
      throw Error(ErrorKind::kUnsupported,
                  "the file needs this name for the manifest or the order of entries")
          .at(name);
  Item order = order_entry(items);
  items.push_back(manifest_entry(files->manifest()));
  items.push_back(std::move(order));
  write_file(file_system_of(*files), path, format, items);
  return count;
}

}  // namespace holdfast::exchange
