#include "judgement.h"

#include <algorithm>
#include <map>
#include <utility>

namespace holdfast::tool {
namespace {

std::string step_text(std::int64_t step) {
  return "step " + std::to_string(step);
}

// The start whose work led to `step` in the final run: the last one that began before it, since
// that one has trained the step anew.
std::size_t start_that_reached(const std::vector<TrialResult>& starts, std::int64_t step) {
  for (std::size_t i = starts.size(); i > 1; --i)
    if (starts[i - 1].begin() < step) return i - 1;
  return 0;
}

std::vector<std::string> names_of(const std::vector<holdfast::Difference>& differences) {
  std::vector<std::string> names;
  for (const holdfast::Difference& one : differences) names.push_back(one.name);
  return names;
}

std::vector<KindCount> count_kinds(const std::vector<std::string>& entries) {
  std::map<StateKind, std::size_t> counts;
  for (const std::string& entry : entries) ++counts[kind_of(entry)];
  std::vector<KindCount> kinds;
  for (const auto& [kind, count] : counts) kinds.push_back({kind, count});
  return kinds;
}

Disagreement difference_of(const Parting& parting, const std::vector<TrialResult>& starts) {
  const std::vector<std::string> names = names_of(parting.differences);
  const holdfast::Difference& first = parting.differences[first_cause(names)];
  const std::size_t start = start_that_reached(starts, parting.step);
  const bool is_behind_resume = start > 0 && starts[start].resumed_from;
  const Diagnosis diagnosis =
      is_behind_resume ? diagnose(names, parting.saved) : diagnose_unrepeatable(names);
  Disagreement difference;
  difference.step = parting.step;
  difference.what = first.name;
  difference.problem = first.problem;
  difference.kind = to_string(diagnosis.kind);
  difference.is_saved = diagnosis.is_saved;
  difference.hint = diagnosis.hint;
  difference.kinds = count_kinds(names);
  if (is_behind_resume) difference.resumed_from = starts[start].resumed_from;
  return difference;
}

Disagreement difference_of_ends(std::int64_t whole, const TrialResult& last) {
  Disagreement difference;
  difference.step = std::min(whole, last.end());
  difference.what = "the number of steps";
  difference.problem = std::to_string(whole) + " and " + std::to_string(last.end());
  difference.kind = to_string(StateKind::kProgress);
  difference.hint =
      "the loop counts the steps of a start, and not those of the run: let it end at a step that "
      "does not depend on where it was resumed";
  difference.resumed_from = last.resumed_from;
  return difference;
}

Disagreement difference_of(const JournalDifference& journal, std::int64_t step) {
  Disagreement difference;
  difference.step = step;
  difference.what = journal.name;
  difference.problem = journal.problem;
  difference.kind = "journal";
  difference.hint =
      "every entry of every checkpoint is the same: a row has a time, a rate or another number "
      "that no two runs share, or a row is written once more or less around a resume";
  return difference;
}

bool was_resumed(const TrialResult& start) {
  return start.resumed_from.has_value();
}

// Two runs that are the same prove nothing about a resume if no compared checkpoint was saved after
// it.
void require_compared_resume(const Proof& proof) {
  const std::vector<TrialResult>& starts = proof.starts;
  const auto resumed = std::find_if(starts.begin() + 1, starts.end(), was_resumed);
  const std::vector<std::int64_t>& steps = proof.comparison.steps;
  if (resumed == starts.end())
    throw NoProof{
        Finding::kNotProven,
        "the two runs are the same, but no checkpoint was there yet when it was killed, so "
        "that nothing was resumed (the first is of " +
            step_text(steps.front()) + "): kill it later, or save more often",
        ""};
  const std::vector<std::size_t> counts = compared_checkpoints(proof);
  for (std::size_t i = 1; i < starts.size(); ++i)
    if (was_resumed(starts[i]) && counts[i] > 0) return;
  throw NoProof{Finding::kNotProven,
                "the two runs are the same, but no checkpoint was saved after the resume from " +
                    step_text(*resumed->resumed_from) + " (the last that both have is of " +
                    step_text(steps.back()) +
                    "): kill it earlier, save more often, or let it "
                    "save at its end",
                ""};
}

void require_comparable(const Proof& proof) {
  if (!proof.comparison.steps.empty()) return;
  throw NoProof{Finding::kNotProven,
                "the two runs have no checkpoint of the same step (" +
                    std::to_string(proof.comparison.in_one_only) +
                    " of other steps): let the command save at steps, not by the clock",
                ""};
}

}  // namespace

void require_resumed(const std::vector<TrialResult>& starts, const std::vector<std::int64_t>& saved,
                     const std::string& log) {
  const TrialResult& last = starts.back();
  const bool is_first = starts.size() == 1;
  const std::string again =
      is_first ? "" : "started again after the kill at " + step_text(starts.end()[-2].end()) + ", ";
  if (!last.killed && last.outcome.verdict != Verdict::kComplete)
    throw NoProof{is_first ? Finding::kNotProven : Finding::kNotResumed,
                  again + "the command fails by itself, with " + last.outcome.cause, log};
  if (!last.killed && is_first)
    throw NoProof{Finding::kNotProven,
                  "the command had ended before the kill at " + step_text(*last.kill_at) +
                      " came: kill it earlier, or save more often",
                  log};
  if (!saved.empty() && !last.resumed_from && last.last_step)
    throw NoProof{Finding::kNotResumed,
                  again + "the command starts from the beginning, although " +
                      step_text(saved.back()) + " was saved",
                  log};
}

void judge(const TrialResult& whole, Proof& proof) {
  require_comparable(proof);
  const RunComparison& comparison = proof.comparison;
  if (comparison.parting) {
    proof.difference = difference_of(*comparison.parting, proof.starts);
  } else if (proof.starts.back().end() != whole.end()) {
    proof.difference = difference_of_ends(whole.end(), proof.starts.back());
  } else if (comparison.journal) {
    proof.difference = difference_of(*comparison.journal, comparison.steps.back());
  } else {
    require_compared_resume(proof);
  }
  proof.finding = proof.difference ? Finding::kNotExact : Finding::kExact;
}

std::vector<std::size_t> compared_checkpoints(const Proof& proof) {
  std::vector<std::size_t> counts(proof.starts.size());
  if (counts.empty()) return counts;
  for (const std::int64_t step : proof.comparison.steps)
    ++counts[start_that_reached(proof.starts, step)];
  return counts;
}

std::string steps_text(const std::vector<std::int64_t>& steps) {
  std::string text = steps.size() == 1 ? "step " : "steps ";
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i > 0) text += i + 1 == steps.size() ? " and " : ", ";
    text += std::to_string(steps[i]);
  }
  return text;
}

}  // namespace holdfast::tool
