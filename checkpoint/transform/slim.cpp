#include <holdfast/checkpoint/transform/slim.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/time.h>
#include <holdfast/checkpoint/format/names.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/checkpoint/load/entry_source.h>
#include <holdfast/checkpoint/run/write_checkpoint.h>
#include <holdfast/checkpoint/transform/cast.h>

namespace holdfast {
namespace {

using Files = std::shared_ptr<const CheckpointFiles>;

bool is_of_models(const std::string& entry) {
  return format::matches("models/*", entry);
}

// The models (as "models/<name>") whose parameters the optimizer has. Read from the entries
// groups/<i>/params, texts with the name of a parameter on each line.
std::set<std::string> models_of_optimizer(const Files& files, const std::string& part) {
  std::set<std::string> models;
  const auto lists_parameters = [&](const format::Entry& entry) {
    return part_of(entry.name) == part && entry.kind == Kind::kText &&
           format::matches("optimizers/*/groups/*/params", entry.name);
  };
  for (const Item& item : items_of(files, lists_parameters)) {
    std::string text(bytes_of(item.dtype, item.shape), '\0');
    if (item.source != nullptr)
      copy_bytes(item, 0, ByteSpan(reinterpret_cast<std::byte*>(text.data()), text.size()));
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      models.insert("models/" + line.substr(0, line.find('/')));
  }
  return models;
}

// Which parts of a checkpoint are kept.
struct Selection {
  std::set<std::string> parts;                   // names of parts, as part_of() returns them
  std::vector<std::string> optimizers_left_out;  // they have parameters of models that are not kept

  std::vector<Item> items(const Files& from, const Progress& progress) const {
    return items_of(
        from, [&](const auto& entry) { return parts.count(part_of(entry.name)) != 0; }, progress);
  }
};

Selection selection(const Files& from, const SlimOptions& options) {
  Selection kept;
  for (const std::string& model : choose_models(from->catalog(), from->path(), options.models))
    kept.parts.insert(format::join({"models", model}));
  if (!options.keep_optimizers) return kept;
  const std::set<std::string> models = kept.parts;
  for (const std::string& model : choose_models(from->catalog(), from->path(), options.models))
    kept.parts.insert(format::join({"modes", model}));  // an optimizer's steps depend on them
  for (const std::string& optimizer : names_in(from->catalog(), "optimizers")) {
    const std::string part = format::join({"optimizers", optimizer});
    const std::set<std::string> own = models_of_optimizer(from, part);
    if (std::includes(models.begin(), models.end(), own.begin(), own.end())) {
      kept.parts.insert(part);
    } else {
      kept.optimizers_left_out.push_back(optimizer);
    }
  }
  return kept;
}

format::Manifest manifest_of(const CheckpointFiles& from) {
  const format::Manifest& source = from.manifest();
  format::Manifest manifest;
  manifest.step = source.step;
  manifest.created = utc_now();
  manifest.run_id = source.run_id;
  manifest.resumed_from = origin_of(from);
  manifest.environment = source.environment;
  manifest.configuration = source.configuration;
  manifest.metrics = source.metrics;
  return manifest;
}

std::uint64_t bytes_of_shards(const format::Catalog& catalog) {
  std::uint64_t bytes = 0;
  for (const format::Shard& shard : catalog.shards) bytes += shard.file_bytes;
  return bytes;
}

}  // namespace

std::uint64_t bytes_to_slim(std::shared_ptr<const CheckpointFiles> from,
                            const SlimOptions& options) {
  return bytes_of(selection(from, options).items(from, {}));
}

SlimReport slim(std::shared_ptr<const CheckpointFiles> from, const std::string& to,
                const SlimOptions& options) {
  const Selection kept = selection(from, options);
  std::vector<Item> items = kept.items(from, options.progress);
  for (Item& item : items)
    if (options.dtype && is_of_models(item.name)) item = cast(std::move(item), *options.dtype);
  const auto& fs = from->directory().file_system();
  const SaveReport report =
      write_checkpoint(fs, to, manifest_of(*from), std::move(items), options.saving);
  return {bytes_of_shards(from->catalog()), report.bytes, kept.optimizers_left_out};
}

}  // namespace holdfast
