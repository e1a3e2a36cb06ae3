#include <holdfast/checkpoint/slim.h>

#include <algorithm>
#include <functional>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/load/entry_source.h>
#include <holdfast/checkpoint/load/parts.h>
#include <holdfast/checkpoint/save/cast.h>
#include <holdfast/checkpoint/save/write_checkpoint.h>

namespace holdfast {
namespace {

using Selects = std::function<bool(const format::Entry&)>;

bool is_of_models(const std::string& entry) {
  return format::matches("models/*", entry);
}

Selects selection(const CheckpointFiles& from, const SlimOptions& options) {
  std::vector<std::string> parts;
  for (const std::string& model : choose_models(from.catalog(), from.path(), options.models))
    parts.push_back(format::join({"models", model}));
  return [parts = std::move(parts), optimizers = options.keep_optimizers](const auto& entry) {
    return std::find(parts.begin(), parts.end(), part_of(entry.name)) != parts.end() ||
           (optimizers && format::matches("optimizers/*", entry.name));
  };
}

format::Manifest manifest_of(const CheckpointFiles& from) {
  const format::Manifest& source = from.manifest();
  format::Manifest manifest;
  manifest.step = source.step;
  manifest.created = utc_now();
  manifest.run_id = source.run_id;
  manifest.resumed_from = format::Origin{source.run_id, source.step, from.path()};
  manifest.environment = source.environment;
  manifest.configuration = source.configuration;
  manifest.metrics = source.metrics;
  return manifest;
}

std::uint64_t bytes_of_files(const format::Manifest& manifest) {
  std::uint64_t bytes = 0;
  for (const format::FileRecord& file : manifest.files) bytes += file.bytes;
  return bytes;
}

}  // namespace

std::uint64_t bytes_to_slim(const CheckpointFiles& from, const SlimOptions& options) {
  const Selects selects = selection(from, options);
  std::uint64_t bytes = 0;
  for (const format::Entry& entry : from.catalog().entries)
    if (selects(entry) && entry.alias_of.empty()) bytes += format::bytes_of(entry);
  return bytes;
}

SlimReport slim(std::shared_ptr<const CheckpointFiles> from, const std::string& to,
                const SlimOptions& options) {
  std::vector<Item> items = items_of(from, selection(*from, options), options.progress);
  for (Item& item : items)
    if (options.dtype && is_of_models(item.name)) item = cast(std::move(item), *options.dtype);
  const auto& fs = from->directory().file_system();
  write_checkpoint(fs, to, manifest_of(*from), std::move(items), options.saving);
  const CheckpointFiles made(Directory::open(fs, to));
  return {bytes_of_files(from->manifest()), bytes_of_files(made.manifest())};
}

}  // namespace holdfast
