#include "gc_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/mark_checkpoint.h>
#include <holdfast/checkpoint/run/retirement.h>
#include <holdfast/checkpoint/run/run_listing.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/text/units.h>

#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "command/between.h"
#include "command/complain.h"
#include "command/help.h"
#include "output/json_output.h"

namespace holdfast::tool {
namespace {

constexpr int kMost = 1'000'000'000;

constexpr const char* kContract =
    "Without options, uses the run's own retention policy. The newest checkpoint, and those\n"
    "that are pinned or tagged, always stay. Refused while the run trains, unless with\n"
    "--dry-run.\n"
    "Exit status: 0 done; 1 it could not be done; 2 bad usage.";

struct GcOptions {
  std::string run;
  std::optional<int> keep_last, keep_best;
  std::string metric;
  bool lower_is_better = false, higher_is_better = false;
  bool dry_run = false;
  bool json = false;
};

// The run's policy says whether higher is better for its own metric. For another metric the user
// must say it.
void set_metric(const GcOptions& options, RetentionPolicy& policy) {
  const bool has_direction = options.lower_is_better || options.higher_is_better;
  if (!options.metric.empty() && options.metric != policy.metric && !has_direction)
    throw Error(ErrorKind::kInvalidArgument, "the run does not keep checkpoints by this metric")
        .at(options.run)
        .expected("which values are better")
        .found("--metric " + options.metric + " alone")
        .remedy("also give --lower-is-better or --higher-is-better");
  if (!options.metric.empty()) policy.metric = options.metric;
  if (has_direction) policy.higher_is_better = options.higher_is_better;
}

// Refuses a metric that no checkpoint has: by such a metric none would be among the best, and all
// would be removed.
void require_metric(const GcOptions& options, const RunListing& listing,
                    const std::string& metric) {
  const std::set<std::string> names = names_of_metrics(listing);
  if (names.count(metric) > 0) return;
  throw Error(ErrorKind::kInvalidArgument, "no checkpoint of the run has this metric")
      .at(options.run)
      .expected(names.empty() ? "checkpoints with metrics"
                              : "one of " + list_in_quotes({names.begin(), names.end()}))
      .found(in_quotes(metric));
}

RetentionPolicy policy_of(const GcOptions& options, const RunListing& listing) {
  RetentionPolicy policy = listing.retention;
  if (options.keep_last) policy.keep_last = *options.keep_last;
  if (options.keep_best) policy.keep_best = *options.keep_best;
  set_metric(options, policy);
  if (policy.keep_best > 0 && policy.metric.empty())
    throw Error(ErrorKind::kInvalidArgument,
                "cannot keep the best: the run's retention policy names no metric")
        .at(options.run)
        .remedy("give --metric NAME");
  if (!options.metric.empty() || options.keep_best.value_or(0) > 0)
    require_metric(options, listing, policy.metric);
  return policy;
}

// The size in bytes of each removed checkpoint, by step.
using Removed = std::map<std::int64_t, std::uint64_t>;

Removed bytes_of(const RunListing& listing) {
  Removed bytes;
  for (const ListedCheckpoint& one : listing.checkpoints) bytes[one.step] = one.bytes;
  return bytes;
}

Removed plan(const RunListing& listing, const RunView& run, const RetentionPolicy& policy) {
  require_free_names(run.checkpoints(), newest_step(run.checkpoints()).value_or(-1));
  const auto marked = Marks(run.directory()).protected_steps(run.checkpoints());
  Removed bytes = bytes_of(listing), removed;
  for (const std::int64_t step : steps_to_retire(candidates_of(listing, policy), policy, marked))
    removed[step] = bytes[step];
  return removed;
}

Removed collect(const RunListing& listing, const RunView& run, const RetentionPolicy& policy) {
  Removed bytes = bytes_of(listing), removed;
  RunStore store(posix_file_system(), run.path());
  Retirement(store, policy).apply([&](std::int64_t step) { removed[step] = bytes[step]; });
  return removed;
}

// Why checkpoints that cannot be used are left alone: they stay, whatever the policy says, and do
// not count as one of those to keep.
std::vector<std::string> left_alone(const RunListing& listing) {
  std::vector<std::string> problems;
  for (const ListedCheckpoint& one : listing.checkpoints)
    if (!one.problem.empty())
      problems.push_back("step " + text::format_count(one.step) + " is left alone: " + one.problem);
  for (const Error& one : listing.in_the_way) problems.emplace_back(one.what());
  return problems;
}

void print(const Removed& removed, const RunListing& listing, const RetentionPolicy& policy,
           const GcOptions& options) {
  std::uint64_t total = 0;
  Json steps = Json::array();
  for (const auto& [step, bytes] : removed) {
    total += bytes;
    steps.push_back({{"step", step}, {"bytes", bytes}});
    if (!options.json)
      std::cout << (options.dry_run ? "would remove step " : "removed step ")
                << text::format_count(step) << " ("
                << text::format_bytes(static_cast<double>(bytes)) << ")\n";
  }
  if (options.json) {
    print_json({{"dry_run", options.dry_run},
                {"removed", steps},
                {"bytes", total},
                {"left_alone", left_alone(listing)}});
  } else if (removed.empty()) {
    std::cout << "nothing to remove"
              << (policy.keep_last == 0 ? ": all are kept; --keep-last N keeps fewer" : "") << "\n";
  } else {
    std::cout << removed.size() << (removed.size() == 1 ? " checkpoint, " : " checkpoints, ")
              << text::format_bytes(static_cast<double>(total)) << "\n";
  }
}

int execute(const GcOptions& options) {
  const RunView run(options.run);
  const RunListing listing = list_run(run);
  const RetentionPolicy policy = policy_of(options, listing);
  for (const std::string& tag : listing.unread_tags) complain(unread_tag(run.path(), tag).what());
  const Removed removed =
      options.dry_run ? plan(listing, run, policy) : collect(listing, run, policy);
  if (!options.json)
    for (const std::string& problem : left_alone(listing)) complain(problem);
  print(removed, listing, policy, options);
  return kDone;
}

}  // namespace

Subcommand add_gc(CLI::App& app) {
  const auto options = std::make_shared<GcOptions>();
  CLI::App* const gc =
      app.add_subcommand("gc", "Removes the checkpoints that retention does not keep");
  gc->formatter(std::make_shared<Help>("[OPTIONS] RUN", kContract));
  gc->add_option("RUN", options->run, "The run's directory")->type_name("")->required();
  gc->add_option("--keep-last", options->keep_last, "Keep the newest N; 0 keeps all")
      ->type_name("N")
      ->transform(between(0, kMost));
  gc->add_option("--keep-best", options->keep_best, "Also keep the N best by the metric")
      ->type_name("N")
      ->transform(between(0, kMost));
  CLI::Option* const metric =
      gc->add_option("--metric", options->metric, "The metric for --keep-best; default: the run's")
          ->type_name("NAME");
  CLI::Option* const lower = gc->add_flag("--lower-is-better", options->lower_is_better,
                                          "Lower values of --metric are better")
                                 ->needs(metric);
  gc->add_flag("--higher-is-better", options->higher_is_better,
               "Higher values of --metric are better")
      ->needs(metric)
      ->excludes(lower);
  gc->add_flag("--dry-run", options->dry_run, "Only say what would be removed");
  gc->add_flag("--json", options->json, "Print one JSON document, for scripts");
  return {gc, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
