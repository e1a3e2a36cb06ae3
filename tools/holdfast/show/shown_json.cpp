#include "shown.h"

namespace holdfast::tool {
namespace {

Json json_of(const OptimizerGroup& group) {
  JsonMembers options;
  for (const OptimizerOption& option : group.options) {
    Json values = Json::array();
    for (const SmallValue& value : option.values) values.push_back(json_value(value));
    options.add(option.name, option.is_list ? values : values[0]);
  }
  return {{"parameters", group.parameters}, {"options", options.take()}};
}

Json json_of(const OptimizerInfo& optimizer) {
  Json groups = Json::array();
  for (const OptimizerGroup& group : optimizer.groups) groups.push_back(json_of(group));
  return {{"name", optimizer.name},
          {"type", optimizer.type},
          {"groups", groups},
          {"damaged", !optimizer.damage.empty()}};
}

Json json_of(const Part& part) {
  return {{"name", part.name},
          {"entries", part.entries},
          {"parameters", part.parameters},
          {"buffers", part.buffers},
          {"bytes", part.bytes}};
}

Json json_of(const Statistics& statistics) {
  return {{"elements", statistics.elements},
          {"nans", statistics.nans},
          {"infinities", statistics.infinities},
          {"minimum", json_number(statistics.minimum)},
          {"maximum", json_number(statistics.maximum)},
          {"mean", json_number(statistics.mean)}};
}

Json json_of(const ShownEntry& shown) {
  const format::Entry& entry = *shown.entry;
  Json json = {{"name", entry.name},
               {"kind", to_string(entry.kind)},
               {"dtype", name_of(entry.dtype)},
               {"shape", entry.shape},
               {"bytes", format::bytes_of(entry)},
               {"tied_to", entry.alias_of.empty() ? Json(nullptr) : Json(entry.alias_of)},
               {"value", json_value(shown.value)},
               {"damaged", shown.is_damaged}};
  if (shown.statistics) json["statistics"] = json_of(*shown.statistics);
  return json;
}

Json json_of(const std::optional<format::Origin>& origin) {
  if (!origin) return nullptr;
  return {{"run_id", origin->run_id}, {"step", origin->step}, {"path", origin->path}};
}

template <typename List>
Json list_of(const List& list) {
  Json json = Json::array();
  for (const auto& one : list) json.push_back(json_of(one));
  return json;
}

}  // namespace

Json json_of(const Shown& shown) {
  const format::Manifest& manifest = shown.files.manifest();
  JsonMembers progress;
  Json files = Json::array();
  for (const ShownEntry& one : shown.progress)
    progress.add(one.entry->name.substr(one.entry->name.find('/') + 1), json_value(one.value));
  for (const format::FileRecord& file : manifest.files)
    files.push_back({{"name", file.name}, {"bytes", file.bytes}});
  return {{"path", shown.files.path()},
          {"step", manifest.step},
          {"created", manifest.created},
          {"run_id", manifest.run_id},
          {"resumed_from", json_of(manifest.resumed_from)},
          {"metrics", json_numbers(manifest.metrics)},
          {"parts", list_of(shown.parts)},
          {"optimizers", list_of(shown.optimizers)},
          {"progress", progress.take()},
          {"environment", manifest.environment},
          {"configuration", manifest.configuration},
          {"files", files},
          {"damage", shown.damage.empty() ? Json(nullptr) : Json(shown.damage)},
          {"entries", list_of(shown.entries)}};
}

}  // namespace holdfast::tool
