#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/text/table.h>
#include <holdfast/text/units.h>

#include <map>

#include "output/paint.h"
#include "shown.h"

namespace holdfast::tool {
namespace {

using text::Align;

constexpr int kDigits = 4;
constexpr const char* kDamaged = "DAMAGED";

std::string count(std::uint64_t value) {
  return value == 0 ? "" : text::format_count(static_cast<std::int64_t>(value));
}

std::string bytes(std::uint64_t value) {
  return text::format_bytes(static_cast<double>(value));
}

std::string last_component(const std::string& name) {
  return name.substr(name.rfind('/') + 1);
}

// "lr 0.001" or "betas (0.9, 0.999)".
std::string in_words(const OptimizerOption& option) {
  std::string values;
  for (const SmallValue& value : option.values)
    values += (values.empty() ? "" : ", ") + printable(to_string(value));
  return printable(option.name) + " " + (option.is_list ? "(" + values + ")" : values);
}

std::string in_words(const OptimizerGroup& group) {
  std::string text =
      std::to_string(group.parameters) + (group.parameters == 1 ? " parameter" : " parameters");
  for (const OptimizerOption& option : group.options) text += ", " + in_words(option);
  return text;
}

std::string in_words(const std::map<std::string, double>& metrics) {
  std::string text;
  for (const auto& [name, value] : metrics)
    text += (text.empty() ? "" : ", ") + printable(name) + " " + number_text(value);
  return text;
}

std::string parts_table(const std::vector<Part>& parts) {
  std::vector<text::Cells> rows;
  for (const Part& part : parts)
    rows.push_back({printable(part.name), count(part.entries), count(part.parameters),
                    count(part.buffers), bytes(part.bytes)});
  return text::format_columns({{"PART"},
                               {"ENTRIES", Align::kRight},
                               {"PARAMETERS", Align::kRight},
                               {"BUFFERS", Align::kRight},
                               {"SIZE", Align::kRight}},
                              rows);
}

// Two columns below a title. The title is not a heading, so that it does not widen the first
// column.
std::string section(const std::string& title, const std::vector<text::Cells>& rows,
                    Align align = Align::kLeft) {
  if (rows.empty()) return "";
  const std::string lines = text::format_columns({{""}, {"", align}}, rows);  // begins with "\n"
  return "\n" + title + lines;
}

std::string section(const std::string& title, const std::map<std::string, std::string>& values) {
  std::vector<text::Cells> rows;
  for (const auto& [name, value] : values)
    rows.push_back({"  " + printable(name), printable(value)});
  return section(title, rows);
}

std::string value_text(const ShownEntry& shown) {
  const format::Entry& entry = *shown.entry;
  if (shown.is_damaged) return kDamaged;
  if (!entry.alias_of.empty()) return "tied to " + printable(entry.alias_of);
  if (entry.kind == Kind::kTensor) return "";
  if (entry.kind == Kind::kText) return in_quotes(to_string(shown.value));
  return entry.kind == Kind::kUndefined ? "undefined" : to_string(shown.value);
}

std::string number(double value) {
  return value != value ? "" : number_text(value, kDigits);
}

text::Cells cells(const ShownEntry& shown) {
  const format::Entry& entry = *shown.entry;
  const bool has_type = entry.kind == Kind::kTensor || entry.kind == Kind::kScalar;
  text::Cells cells = {printable(entry.name),
                       std::string(has_type ? name_of(entry.dtype) : to_string(entry.kind)),
                       entry.kind == Kind::kTensor ? to_string(entry.shape) : "",
                       bytes(format::bytes_of(entry)), value_text(shown)};
  const Statistics found = shown.statistics.value_or(Statistics());
  for (const double value : {found.minimum, found.maximum, found.mean})
    cells.push_back(number(value));
  cells.push_back(count(found.nans));
  cells.push_back(count(found.infinities));
  return cells;
}

}  // namespace

std::string heading_of(const Shown& shown) {
  const format::Manifest& manifest = shown.files.manifest();
  std::string text = Paint().bold(printable(shown.files.path())) + "\n";
  text += "step " + std::to_string(manifest.step) + ", saved " + printable(manifest.created) + "\n";
  text += "run " + printable(manifest.run_id);
  if (const auto& origin = manifest.resumed_from) {
    text += ", resumed from step " + std::to_string(origin->step) + " (" + printable(origin->path);
    text +=
        (origin->run_id == manifest.run_id ? "" : ", of run " + printable(origin->run_id)) + ")";
  }
  text += "\n";
  if (!manifest.metrics.empty()) text += in_words(manifest.metrics) + "\n";
  return text;
}

std::string summary_of(const Shown& shown) {
  std::string text = parts_table(shown.parts);
  for (const OptimizerInfo& optimizer : shown.optimizers) {
    text += "\noptimizers/" + printable(optimizer.name) + "  " +
            (optimizer.damage.empty() ? printable(optimizer.type) : kDamaged) + "\n";
    for (std::size_t i = 0; i < optimizer.groups.size(); ++i)
      text += "  group " + std::to_string(i) + ": " + in_words(optimizer.groups[i]) + "\n";
  }
  if (shown.progress.empty()) return text;
  std::string progress;
  for (const ShownEntry& one : shown.progress)
    progress += (progress.empty() ? "" : ", ") + printable(last_component(one.entry->name)) + " " +
                (one.is_damaged ? kDamaged : printable(to_string(one.value)));
  return text + "\nprogress  " + progress + "\n";
}

std::string details_of(const Shown& shown) {
  const format::Manifest& manifest = shown.files.manifest();
  std::vector<text::Cells> files;
  for (const format::FileRecord& file : manifest.files)
    files.push_back({"  " + printable(file.name), bytes(file.bytes)});
  return section("ENVIRONMENT", manifest.environment) +
         section("CONFIGURATION", manifest.configuration) + section("FILES", files, Align::kRight);
}

std::string table_of(const std::vector<ShownEntry>& entries) {
  std::vector<text::Cells> rows;
  for (const ShownEntry& entry : entries) rows.push_back(cells(entry));
  return text::format_columns({{"ENTRY"},
                               {"TYPE"},
                               {"SHAPE"},
                               {"SIZE", Align::kRight},
                               {"VALUE"},
                               {"MIN", Align::kRight},
                               {"MAX", Align::kRight},
                               {"MEAN", Align::kRight},
                               {"NaN", Align::kRight},
                               {"INF", Align::kRight}},
                              rows);
}

}  // namespace holdfast::tool
