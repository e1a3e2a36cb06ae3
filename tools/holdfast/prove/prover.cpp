#include "prover.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/protocol/job.h>
#include <holdfast/checkpoint/protocol/proving.h>
#include <holdfast/checkpoint/protocol/supervision.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

#include "judgement.h"
#include "output/progress_bar.h"

namespace holdfast::tool {
namespace {

using Clock = std::chrono::steady_clock;

Deadline deadline_after(double seconds) {
  if (seconds <= 0) return Deadline::max();
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

std::vector<std::string> with_run(std::vector<std::string> command, const std::string& directory) {
  const std::string placeholder = kRunPlaceholder;
  for (std::string& word : command)
    for (std::size_t at = 0; (at = word.find(placeholder, at)) != std::string::npos;
         at += directory.size())
      word.replace(at, placeholder.size(), directory);
  return command;
}

// The one run that the command has opened, which must be `directory` or lie in it.
std::string the_run(const tool::Steps& opened, const std::string& directory,
                    const std::string& log) {
  if (opened.empty())
    throw NoProof{Finding::kNotProven,
                  "the command has opened no run: it must train with a Checkpointer of Holdfast",
                  log};
  for (const auto& [path, step] : opened)
    if ((path + "/").rfind(directory + "/", 0) != 0)
      throw NoProof{Finding::kNotProven,
                    "the command trains in " + path + ", which is not in its {run} " + directory,
                    log};
  if (opened.size() > 1)
    throw NoProof{Finding::kNotProven,
                  "the command opens several runs (" + std::to_string(opened.size()) +
                      "): a proof is about one",
                  log};
  return opened.begin()->first;
}

std::string ending_of(const TrialResult& start) {
  return (start.killed ? "killed at step " : "ended at step ") + std::to_string(start.end());
}

std::string beginning_of(const TrialResult& start) {
  if (start.resumed_from) return "resumed from step " + std::to_string(*start.resumed_from);
  return "started from the beginning";
}

std::string course_of(const TrialResult& start) {
  if (!start.resumed_from && !start.last_step) return "started, and ended without a step";
  return beginning_of(start) + ", " + ending_of(start);
}

}  // namespace

Prover::Prover(ProofOptions options, std::vector<std::string> command, std::ostream& out)
    : options_(std::move(options)),
      command_(std::move(command)),
      out_(out),
      deadline_(deadline_after(options_.timeout)),
      directory_(options_.directory) {}

Proof Prover::prove() {
  Proof proof;
  proof.directory = directory_.path();
  try {
    find_out(proof);
  } catch (const NoProof& none) {
    proof.finding = none.finding;
    proof.reason = none.reason;
    proof.log = none.log;
  } catch (const TimeIsOver&) {
    proof.finding = Finding::kNotProven;
    proof.reason = "the time (--timeout) is over";
    proof.log = log_;
  } catch (const Error&) {
    directory_.keep(std::filesystem::exists(directory_.uninterrupted()));
    throw;
  }
  directory_.keep(proof.finding != Finding::kExact);
  proof.is_kept = directory_.is_kept();
  return proof;
}

void Prover::find_out(Proof& proof) {
  Run uninterrupted, killed;
  uninterrupted.directory = directory_.uninterrupted();
  killed.directory = directory_.killed();
  say("the runs and what the command prints go to " + directory_.path());
  const TrialResult whole = run_uninterrupted(uninterrupted);
  proof.steps = whole.end();
  killed.path = killed.directory + uninterrupted.path.substr(uninterrupted.directory.size());
  run_with_kills(killed, choose_steps(whole, proof), proof);
  proof.comparison = compare(uninterrupted, killed);
  judge(whole, proof);
}

TrialResult Prover::run_uninterrupted(Run& run) {
  const TrialResult whole = start(run, "uninterrupted", std::nullopt);
  const auto not_proven = [&](const std::string& reason) {
    return NoProof{Finding::kNotProven, reason, log_};
  };
  if (whole.outcome.verdict != Verdict::kComplete)
    throw not_proven("the command fails by itself, with " + whole.outcome.cause);
  run.path = the_run(run.opened.newest_steps(), run.directory, log_);
  if (!whole.last_step)
    throw not_proven(
        "the command tells no step: its loop must call completed() of its Checkpointer after each "
        "step");
  if (steps_of_run(run.path).empty()) throw not_proven("the command saves no checkpoint");
  say("uninterrupted: " + ending_of(whole) + ", with " +
      std::to_string(steps_of_run(run.path).size()) + " checkpoints");
  return whole;
}

std::vector<std::int64_t> Prover::choose_steps(const TrialResult& whole, Proof& proof) const {
  const std::string end = std::to_string(whole.end());
  if (!options_.at.empty()) {
    const std::vector<std::int64_t> steps = given_kill_steps(options_.at);
    if (steps.back() > whole.end())
      throw NoProof{Finding::kNotProven,
                    "the command ends at step " + end + ": there is no step " +
                        std::to_string(steps.back()) + " to kill it at",
                    ""};
    return steps;
  }
  proof.seed = options_.seed;
  const std::vector<std::int64_t> steps =
      draw_kill_steps({whole.begin() + 1, whole.end() - 1}, options_.crashes, options_.seed);
  if (steps.empty())
    throw NoProof{Finding::kNotProven,
                  "the command ends at step " + end + ": there is no step before it to kill it at",
                  ""};
  return steps;
}

void Prover::run_with_kills(Run& run, const std::vector<std::int64_t>& steps, Proof& proof) {
  say("now killing it at " + steps_text(steps) +
      (proof.seed ? " (seed " + std::to_string(*proof.seed) + ")" : ""));
  std::vector<std::optional<std::int64_t>> kills(steps.begin(), steps.end());
  kills.push_back(std::nullopt);
  for (const auto& kill_at : kills) {
    const std::vector<std::int64_t> saved = steps_of_run(run.path);
    const TrialResult one = start(run, "killed-" + std::to_string(proof.starts.size() + 1), kill_at,
                                  proof.seed && kill_at == steps.back());
    proof.starts.push_back(one);
    say(course_of(one));
    require_resumed(proof.starts, saved, log_);
    if (!one.killed) return;
  }
}

TrialResult Prover::start(Run& run, const std::string& name, std::optional<std::int64_t> kill_at,
                          bool with_checkpoint) {
  log_ = directory_.log(name);
  Trial trial;
  trial.command = with_run(command_, run.directory);
  trial.variables = {
      {kRunsFileVariable, run.opened.file()}, {kJobVariable, run.job}, {kKeepAllVariable, "1"}};
  trial.log = log_;
  trial.kill_at = kill_at;
  trial.is_held = !options_.at.empty();
  if (with_checkpoint) trial.may_kill = [&run] { return !steps_of_run(run.path).empty(); };
  directory_.keep(true);  // whatever goes wrong from here on, the user can look at the directory
  return run_trial(trial, signals_, deadline_);
}

// Checks for signals and for the deadline after each batch of bytes.
RunComparison Prover::compare(const Run& uninterrupted, const Run& killed) const {
  std::optional<ProgressBar> bar;
  ComparisonWatch watch;
  watch.begin = [&](std::int64_t step, std::uint64_t bytes) {
    check_for_stop(signals_, deadline_);
    bar.emplace("comparing step " + std::to_string(step), bytes);
  };
  watch.progress = [&](std::uint64_t bytes) {
    check_for_stop(signals_, deadline_);
    bar->add(bytes);
  };
  try {
    return compare_runs(uninterrupted.path, killed.path, watch);
  } catch (const Error& error) {
    throw NoProof{Finding::kNotProven, std::string("the runs cannot be compared: ") + error.what(),
                  ""};
  }
}

void Prover::say(const std::string& text) {
  out_ << "holdfast prove: " + printable(text) + "\n" << std::flush;
}

}  // namespace holdfast::tool
