#include <holdfast/checkpoint/exchange/export_checkpoint.h>

#include <algorithm>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/formats/torch_file.h>
#include <holdfast/checkpoint/exchange/manifest_entry.h>
#include <holdfast/checkpoint/exchange/models/state_dict.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/format/utf8.h>
#include <holdfast/checkpoint/inspect/parts.h>
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
  throw Error(ErrorKind::kUnsupported, "an entry of a model that is no parameter and no buffer")
      .at(entry);
}

// The newest of the versions that its tensors need. PyTorch 1.13 takes no float beside tensors from
// a file that it does not trust.
std::string version_for(const std::vector<Item>& items) {
  constexpr std::string_view kAtLeast = "PyTorch 2.1";
  std::string_view newest = kAtLeast;
  for (const Item& item : items)
    newest = std::max(newest, needed_version(FileFormat::kTorch, item.dtype));
  return std::string(newest);
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

void write_state_dict(std::shared_ptr<FileSystem> fs, const std::string& path, FileFormat format,
                      std::vector<Item> items, bool copy_ties, const Metadata& metadata) {
  WriteOptions options;
  options.copy_ties = copy_ties;
  if (format == FileFormat::kSafetensors) options.metadata = metadata;
  if (format == FileFormat::kHdf5) items = renamed(std::move(items), format::escape);
  write_file(std::move(fs), path, format, items, options);
}

Metadata metadata_of(const CheckpointFiles& files) {
  const std::string prefix = metadata_prefix();
  Metadata metadata = {{"format", "pt"}};
  for (const auto& [key, text] : files.manifest().environment)
    if (key.compare(0, prefix.size(), prefix) == 0) metadata[key.substr(prefix.size())] = text;
  return metadata;
}

ExportedOptimizer export_optimizer(std::shared_ptr<const CheckpointFiles> files,
                                   const std::string& optimizer, const std::string& path,
                                   const Progress& progress) {
  const std::string part = format::join({"optimizers", optimizer});
  const std::vector<Item> items = items_of(
      files, [&](const auto& entry) { return part_of(entry.name) == part; }, progress);
  if (items.empty())
    throw Error(ErrorKind::kNotFound, "there is no optimizer of that name in the checkpoint")
        .at(files->path())
        .expected(format::list_in_quotes(names_in(files->catalog(), "optimizers")))
        .found(format::in_quotes(optimizer));
  PythonOptimizer python = to_python(items, optimizer);
  write_torch_file(file_system_of(*files), path, python.state_dict);
  return {python.type, std::move(python.parameters), version_for(items)};
}

std::size_t export_checkpoint(std::shared_ptr<const CheckpointFiles> files, const std::string& path,
                              const Progress& progress) {
  std::vector<Item> items = items_of(
      files, [](const auto&) { return true; }, progress);
  const std::size_t count = items.size();
  for (const char* const name : {kManifestEntry, kOrderEntry})
    if (files->find(name) != nullptr)
      throw Error(ErrorKind::kUnsupported,
                  "the checkpoint has an entry where the manifest or the order belongs")
          .at(name);
  Item order = order_entry(items);
  items.push_back(manifest_entry(files->manifest()));
  items.push_back(std::move(order));
  write_file(file_system_of(*files), path, FileFormat::kHdf5, items);
  return count;
}

}  // namespace holdfast::exchange
