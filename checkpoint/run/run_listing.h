// Lists the checkpoints of a run, and says why each is kept.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/item/retention_policy.h>
#include <holdfast/checkpoint/run/retention.h>
#include <holdfast/checkpoint/run/run_view.h>
#include <holdfast/checkpoint/run/stray_marks.h>

namespace holdfast {

struct ListedCheckpoint {
  std::int64_t step = 0;
  std::string path;  // of its directory
  // If not empty, why the checkpoint cannot be used: a file is missing or has the wrong size, it
  // cannot be read, has a newer format, or is of another step than its name says. If its manifest
  // could not be read, the members below that come from the manifest are empty.
  std::string problem;
  bool may_be_sound = false;  // reading its manifest failed in a way that proves no damage
  std::string created;        // UTC, "2026-01-31T12:00:00.000Z"
  std::string run_id;
  std::optional<format::Origin> resumed_from;
  std::uint64_t bytes = 0;  // the size of all its files but the manifest
  std::map<std::string, double> metrics;
  std::vector<std::string> tags;  // by name
  bool is_pinned = false;
  bool is_newest = false;
  bool is_best = false;  // the best by the metric of the run's retention policy
  std::string verified;  // UTC time when it was last verified; empty if never
  // Why retention keeps it: "last 3", "best 2 of accuracy", "pinned", "tag paper" … If empty, the
  // next save of the run, or `holdfast gc`, removes it.
  std::vector<std::string> kept;
};

struct RunListing {
  std::vector<ListedCheckpoint> checkpoints;  // by step
  std::vector<SetAside> quarantined, superseded;
  std::vector<Error> in_the_way;      // taken_names() of run_view.h
  std::vector<StrayMark> stray;       // pins and tags whose checkpoint is not in the list
  std::set<std::string> unread_tags;  // tags that cannot be read; if there is one, all are kept
  RetentionPolicy retention;          // from the newest manifest that has one; else keeps all
};

// Reads the manifests and checks the sizes of files, but reads no data. If a checkpoint is removed
// meanwhile, it is left out, and checkpoints that were saved meanwhile are listed. A checkpoint
// that cannot be read is listed with its `problem`. Throws only if the run itself cannot be read.
RunListing list_run(const RunView& run);

// The candidates for another policy than the run's own (run/retention.h).
std::vector<RetentionCandidate> candidates_of(const RunListing& listing,
                                              const RetentionPolicy& policy);

// The step of the best checkpoint by the run's metric. Empty if the run has no metric, or no
// checkpoint has a value of it.
std::optional<std::int64_t> best_step(const RunListing& listing);

// The names of all metrics that any checkpoint has.
std::set<std::string> names_of_metrics(const RunListing& listing);

}  // namespace holdfast
