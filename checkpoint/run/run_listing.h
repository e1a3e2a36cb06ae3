// The checkpoints of a run, and why each is there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/format/retention_policy.h>
#include <holdfast/checkpoint/run/retention.h>
#include <holdfast/checkpoint/run/run_view.h>
#include <holdfast/checkpoint/run/stray_marks.h>

namespace holdfast {

struct ListedCheckpoint {
  std::int64_t step = 0;
  std::string path;  // of its directory
  // Why it cannot be used: what it lacks to be complete (members.h), cannot be read, is of a newer
  // format, or of another step than its name says. Without a manifest, what stands below is empty.
  std::string problem;
  bool may_be_sound = false;  // its manifest cannot be read, which proves nothing of it
  std::string created;        // UTC, "2026-01-31T12:00:00.000Z"
  std::string run_id;
  std::optional<format::Origin> resumed_from;
  std::uint64_t bytes = 0;  // of all its files but the manifest
  std::map<std::string, double> metrics;
  std::vector<std::string> tags;  // ordered
  bool is_pinned = false;
  bool is_newest = false;
  bool is_best = false;  // of the run's metric
  std::string verified;  // when all of it was last read back; empty: never
  // Why retention spares it: "last 3", "best 2 of accuracy", "pinned", "tag paper" … Empty: the
  // next save of the run, or a gc, removes it.
  std::vector<std::string> kept;
};

struct RunListing {
  std::vector<ListedCheckpoint> checkpoints;  // by step
  std::vector<SetAside> quarantined, superseded;
  std::vector<Error> in_the_way;      // run_view.h: taken_names()
  std::vector<StrayMark> stray;       // pins and tags of what is not among them any more
  std::set<std::string> unread_tags;  // which cannot be read: while there are any, all are kept
  RetentionPolicy retention;          // as the newest manifest has it; else keeps all
};

// Reads the manifests, and looks at the files' sizes; no data. A checkpoint that is removed
// meanwhile is left out, and those that were saved meanwhile are then listed. Throws where the run
// itself cannot be read.
RunListing list_run(const RunView& run);

// For another policy than the run's own: run/retention.h.
std::vector<RetentionCandidate> candidates_of(const RunListing& listing,
                                              const RetentionPolicy& policy);

// The best by the run's metric; empty: it has none, or no checkpoint has it.
std::optional<std::int64_t> best_step(const RunListing& listing);

// Of all the metrics that they have.
std::set<std::string> names_of_metrics(const RunListing& listing);

}  // namespace holdfast
