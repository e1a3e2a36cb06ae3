#include "comparison_output.h"

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/inspect/parts.h>
#include <holdfast/text/table.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "output/paint.h"
#include "output/wording.h"

namespace holdfast::tool {
namespace {

constexpr std::size_t kMostShown = 10;  // differences of a part
constexpr int kDigits = 3;

// What was found in one part of the two states.
struct ComparedPart {
  std::string name;
  std::size_t identical = 0;
  std::vector<const Difference*> differences;  // the largest first
};

// True for tensors. For scalars and texts, first and second hold their values.
bool is_tensor(const Difference& difference) {
  return difference.change && difference.first.index() == 0;
}

// True if the difference is a number: not if it is structural or between texts.
bool has_size(const Difference& difference) {
  return difference.change && !std::holds_alternative<std::string>(difference.first);
}

// For sorting: differences without a size come first, then scalars, then tensors with new NaNs,
// then the others by their largest change.
auto size_of_change(const Difference& difference) {
  const Change change = has_size(difference) ? *difference.change : Change();
  return std::make_tuple(!has_size(difference), !is_tensor(difference), change.new_nans > 0,
                         change.largest_absolute, change.differing);
}

std::vector<ComparedPart> by_part(const Comparison& comparison) {
  std::vector<ComparedPart> parts;
  std::unordered_map<std::string, std::size_t> places;
  const auto part = [&](const std::string& entry) -> ComparedPart& {
    const std::string name = part_of(entry);
    const auto [place, is_new] = places.emplace(name, parts.size());
    if (is_new) parts.push_back({name, 0, {}});
    return parts[place->second];
  };
  for (const std::string& entry : comparison.identical) ++part(entry).identical;
  for (const Difference& one : comparison.differences) part(one.name).differences.push_back(&one);
  std::sort(parts.begin(), parts.end(),
            [](const ComparedPart& x, const ComparedPart& y) { return x.name < y.name; });
  for (ComparedPart& one : parts)
    std::stable_sort(one.differences.begin(), one.differences.end(),
                     [](const Difference* x, const Difference* y) {
                       return size_of_change(*x) > size_of_change(*y);
                     });
  return parts;
}

std::string count(std::uint64_t value) {
  return text::format_count(static_cast<std::int64_t>(value));
}

// The differences that share a line of output. A tensor has a line of its own. Other entries share
// a line if their last component and their problem are the same: for example the step that an
// optimizer keeps for each parameter.
struct Line {
  const Difference* difference;
  std::size_t others = 0;
};

std::vector<Line> lines_of(const ComparedPart& part, bool all) {
  std::vector<Line> lines;
  std::unordered_map<std::string, std::size_t> places;
  for (const Difference* one : part.differences) {
    const std::string last = one->name.substr(one->name.rfind('/') + 1);
    const bool is_alone = all || is_tensor(*one);
    const std::string key = is_alone ? one->name : last + " " + one->problem;
    const auto [place, is_new] = places.emplace(key, lines.size());
    if (is_new) {
      lines.push_back({one});
    } else {
      ++lines[place->second].others;
    }
  }
  return lines;
}

// How a tensor differs in ways that its largest changes do not show.
std::string remarks_on(const Change& change) {
  std::vector<std::string> remarks;
  if (change.gone_nans > 0) remarks.push_back("NaN in A only: " + count(change.gone_nans));
  if (change.bits_only > 0)
    remarks.push_back("0 and -0 or NaN in both: " + count(change.bits_only));
  return joined(remarks);
}

text::Cells cells(const Line& line, const std::string& part) {
  const Difference& difference = *line.difference;
  const std::string& entry = difference.name;
  std::string name = "    " + (entry.size() > part.size() ? entry.substr(part.size() + 1) : entry);
  name = printable(name);
  if (line.others > 0) name += " and " + std::to_string(line.others) + " more";
  if (!is_tensor(difference)) return {name, "", "", "", "", printable(difference.problem)};
  const Change& change = *difference.change;
  return {name,
          count(change.differing),
          number_text(change.largest_absolute, kDigits),
          number_text(change.largest_relative, kDigits),
          change.new_nans == 0 ? "" : count(change.new_nans),
          remarks_on(change)};
}

std::string table_of(const ComparedPart& part, bool all) {
  const std::vector<Line> lines = lines_of(part, all);
  const std::size_t shown = all ? lines.size() : std::min(kMostShown, lines.size());
  std::vector<text::Cells> rows;
  for (std::size_t i = 0; i < shown; ++i) rows.push_back(cells(lines[i], part.name));
  const auto right = text::Align::kRight;
  std::string text = text::format_columns({{"    ENTRY"},
                                           {"ELEMENTS", right},
                                           {"ABSOLUTE", right},
                                           {"RELATIVE", right},
                                           {"NEW NaN", right},
                                           {"A AND B"}},
                                          rows);
  if (shown < lines.size())
    text += "    and " + std::to_string(lines.size() - shown) + " more: see them with --all\n";
  return text;
}

std::string summary(const Comparison& comparison) {
  const Paint paint;
  const std::size_t different = comparison.differences.size();
  const std::size_t all = comparison.identical.size() + different;
  const auto bytes = static_cast<double>(comparison.bytes_compared + comparison.bytes_skipped);
  const bool has_read_all = comparison.bytes_skipped == 0;
  std::string read =
      text::format_bytes(static_cast<double>(comparison.bytes_compared)) + " read and compared";
  if (!has_read_all)
    read += ", " + text::format_bytes(static_cast<double>(comparison.bytes_skipped)) +
            " taken as equal by equal digests: holdfast verify reads them";
  read += "\n";
  if (different == 0)
    return paint.green("all " + std::to_string(all) + " entries are the same" +
                       (has_read_all ? ", bit for bit" : "")) +
           " (" + text::format_bytes(bytes) + ")\n" + read;
  return paint.red(std::to_string(different) + " of " + std::to_string(all) + " entries differ") +
         "\n" + read;
}

Json json_of(const Difference& difference) {
  Json json = {{"name", difference.name},
               {"part", part_of(difference.name)},
               {"kind", to_string(difference.kind)},
               {"problem", difference.problem}};
  if (difference.change) {
    const Change& change = *difference.change;
    json["differing"] = change.differing;
    json["first_differing"] = change.first_differing;
    json["largest_absolute"] = json_number(change.largest_absolute);
    json["largest_relative"] = json_number(change.largest_relative);
    json["new_nans"] = change.new_nans;
    json["gone_nans"] = change.gone_nans;
    json["bits_only"] = change.bits_only;
  }
  if (difference.first.index() != 0) {
    json["a"] = json_value(difference.first);
    json["b"] = json_value(difference.second);
  }
  return json;
}

}  // namespace

std::string text_of(const Comparison& comparison, bool all) {
  std::string text;
  for (const ComparedPart& part : by_part(comparison)) {
    text += "  " + printable(part.name) + ": " + std::to_string(part.identical) + " identical, " +
            std::to_string(part.differences.size()) + " different\n";
    if (!part.differences.empty()) text += table_of(part, all);
  }
  return text + summary(comparison);
}

Json json_of(const Comparison& comparison) {
  Json parts = Json::array(), differences = Json::array();
  for (const ComparedPart& part : by_part(comparison)) {
    parts.push_back({{"name", part.name},
                     {"identical", part.identical},
                     {"different", part.differences.size()}});
    for (const Difference* one : part.differences) differences.push_back(json_of(*one));
  }
  return {
      {"identical", comparison.differences.empty()},
      {"parts", parts},
      {"differences", differences},
      {"bytes", {{"compared", comparison.bytes_compared}, {"skipped", comparison.bytes_skipped}}}};
}

}  // namespace holdfast::tool
