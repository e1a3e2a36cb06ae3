#include "report.h"

#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/text/units.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "judgement.h"

namespace holdfast::tool {
namespace {

using Json = nlohmann::ordered_json;
using Row = std::pair<std::string, std::string>;

constexpr std::size_t kLabelWidth = 14;
constexpr std::size_t kHintWidth = 80;

std::string count_text(std::uint64_t count) {
  return text::format_count(static_cast<std::int64_t>(count));
}

// Breaks a long value into lines that are aligned in the column of the values.
std::string wrapped(std::string text) {
  const std::string indent = "\n" + std::string(kLabelWidth + 2, ' ');
  for (std::size_t begin = 0; begin + kHintWidth < text.size();) {
    const std::size_t space = text.rfind(' ', begin + kHintWidth);
    if (space == std::string::npos || space <= begin) break;
    text.replace(space, 1, indent);
    begin = space + indent.size();
  }
  return text;
}

std::string lines_of(const std::vector<Row>& rows) {
  std::string lines;
  for (const auto& [label, value] : rows)
    lines += "  " + label + std::string(kLabelWidth - label.size(), ' ') + value + "\n";
  return lines;
}

std::string comma_separated(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string compared_text(const RunComparison& comparison) {
  const auto& steps = comparison.steps;
  std::string text = count_text(steps.size()) + " checkpoint" + (steps.size() == 1 ? "" : "s");
  if (steps.size() > 3) {
    text += " of steps " + std::to_string(steps.front()) + " to " + std::to_string(steps.back());
  } else if (!steps.empty()) {
    text += " of " + steps_text(steps);
  }
  text += ": " + count_text(comparison.entries) + " tensors and values, " +
          text::format_bytes(static_cast<double>(comparison.bytes));
  if (comparison.in_one_only > 0)
    text += "; " + count_text(comparison.in_one_only) + " more are in one of the runs only";
  return text;
}

std::string kills_text(const std::vector<TrialResult>& starts) {
  std::vector<std::int64_t> steps;
  for (const TrialResult& start : starts)
    if (start.killed) steps.push_back(start.end());
  return steps.empty() ? "" : steps_text(steps);
}

std::string resume_text(const TrialResult& start, bool is_shown) {
  if (!start.resumed_from) return "the beginning (no checkpoint was there yet)";
  return "step " + std::to_string(*start.resumed_from) +
         (is_shown ? "" : " (no checkpoint saved after it was compared)");
}

// The resumes of all starts but the first, which has nothing to resume from.
std::string resumes_text(const Proof& proof) {
  const std::vector<std::size_t> compared = compared_checkpoints(proof);
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < proof.starts.size(); ++i)
    texts.push_back(
        resume_text(proof.starts[i], proof.finding != Finding::kExact || compared[i] > 0));
  return comma_separated(texts);
}

std::string kinds_text(const std::vector<KindCount>& kinds) {
  std::vector<std::string> texts;
  for (const KindCount& one : kinds)
    texts.push_back(std::string(to_string(one.kind)) + " (" + count_text(one.different) + ")");
  return comma_separated(texts);
}

std::vector<Row> rows_of(const Disagreement& difference) {
  std::vector<Row> rows = {{"differs", printable(difference.what + ": " + difference.problem)}};
  rows.push_back({"cause", difference.kind + (difference.is_saved ? "" : ", which is not saved")});
  rows.push_back({"usually", wrapped(difference.hint)});
  if (difference.kinds.empty()) return rows;
  rows.push_back({"in all", kinds_text(difference.kinds)});
  const std::string step = "step " + std::to_string(difference.step);
  rows.push_back({"reached", difference.resumed_from
                                 ? step + " by the start that was resumed from step " +
                                       std::to_string(*difference.resumed_from)
                                 : step + " without a resume on the way"});
  return rows;
}

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json to_json(const TrialResult& start, std::size_t compared) {
  return {{"resumed_from", or_null(start.resumed_from)},
          {"kill_at", or_null(start.kill_at)},
          {"killed", start.killed},
          {"last_step", start.end()},
          {"compared", compared}};
}

Json to_json(const Disagreement& difference) {
  Json json = {{"step", difference.step},
               {"name", difference.what},
               {"problem", difference.problem},
               {"kind", difference.kind},
               {"saved", difference.is_saved},
               {"hint", difference.hint},
               {"resumed_from", or_null(difference.resumed_from)},
               {"different", Json::object()}};
  for (const KindCount& one : difference.kinds)
    json["different"][to_string(one.kind)] = one.different;
  return json;
}

}  // namespace

const char* to_string(Finding finding) {
  switch (finding) {
    case Finding::kExact:
      return "exact";
    case Finding::kNotExact:
      return "not exact";
    case Finding::kNotResumed:
      return "not resumed";
    case Finding::kNotProven:
      return "not proven";
  }
  return "";
}

std::string headline_of(const Proof& proof) {
  const std::string finding = to_string(proof.finding);
  if (proof.finding == Finding::kExact)
    return finding +
           ": the run that was killed and resumed is the same, bit for bit, as the one "
           "that was not";
  if (proof.difference && proof.difference->kinds.empty())
    return finding + ": " + printable(proof.difference->what) + " differs";
  if (proof.difference)
    return finding + ": the checkpoint of step " + std::to_string(proof.difference->step) +
           " is the first that differs, in " + printable(proof.difference->what);
  return finding + ": " + printable(proof.reason);
}

std::string details_of(const Proof& proof) {
  std::vector<Row> rows;
  if (proof.difference) rows = rows_of(*proof.difference);
  if (!proof.comparison.steps.empty())
    rows.push_back({"compared", compared_text(proof.comparison)});
  if (!proof.comparison.journals.empty())
    rows.push_back(
        {"journals", printable(comma_separated(proof.comparison.journals)) + ": the same"});
  if (const std::string kills = kills_text(proof.starts); !kills.empty())
    rows.push_back({"killed at", kills});
  if (proof.starts.size() > 1 && proof.finding != Finding::kNotResumed)
    rows.push_back({"resumed from", resumes_text(proof)});
  if (proof.seed) rows.push_back({"seed", std::to_string(*proof.seed)});
  if (proof.is_kept) rows.push_back({"kept in", printable(proof.directory)});
  return lines_of(rows);
}

nlohmann::ordered_json to_json(const Proof& proof) {
  const RunComparison& comparison = proof.comparison;
  Json json = {{"finding", to_string(proof.finding)},
               {"reason", proof.reason.empty() ? Json(nullptr) : Json(proof.reason)},
               {"seed", or_null(proof.seed)},
               {"directory", proof.is_kept ? Json(proof.directory) : Json(nullptr)},
               {"log", proof.log.empty() ? Json(nullptr) : Json(proof.log)},
               {"steps", proof.steps},
               {"starts", Json::array()}};
  const std::vector<std::size_t> compared = compared_checkpoints(proof);
  for (std::size_t i = 0; i < proof.starts.size(); ++i)
    json["starts"].push_back(to_json(proof.starts[i], compared[i]));
  json["compared"] = {{"checkpoints", comparison.steps},
                      {"in_one_only", comparison.in_one_only},
                      {"tensors", comparison.entries},
                      {"bytes", comparison.bytes},
                      {"journals", comparison.journals}};
  json["difference"] = proof.difference ? to_json(*proof.difference) : Json(nullptr);
  return json;
}

}  // namespace holdfast::tool
