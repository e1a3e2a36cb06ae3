#include <holdfast/checkpoint/load/run_listing.h>

#include <algorithm>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/load/members.h>
#include <holdfast/checkpoint/store/marks.h>
#include <holdfast/checkpoint/store/retention.h>

namespace holdfast {
namespace {

// A checkpoint, and what identifies it.
struct Found {
  ListedCheckpoint listed;
  std::optional<RetentionPolicy> retention;
  CheckpointId id;
};

Found look_at(const Directory& checkpoint, std::int64_t step) {
  Found found;
  found.listed.step = step;
  found.listed.path = checkpoint.path();
  try {
    found.id = identify(checkpoint, step);
    const format::Manifest manifest = read_manifest(checkpoint);
    found.listed.created = manifest.created;
    found.listed.run_id = manifest.run_id;
    found.listed.resumed_from = manifest.resumed_from;
    found.listed.metrics = manifest.metrics;
    for (const format::FileRecord& file : manifest.files) found.listed.bytes += file.bytes;
    found.retention = manifest.retention;
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::kCorrupt && error.kind() != ErrorKind::kVersion &&
        error.kind() != ErrorKind::kNotFound)
      throw;
    found.listed.problem = error.what();
  }
  return found;
}

std::vector<Found> look_at_all(const RunView& run) {
  std::vector<Found> all;
  for (const std::int64_t step : run.steps()) {
    try {
      all.push_back(look_at(run.open(step), step));
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kNotFound && error.kind() != ErrorKind::kRetired) throw;
    }
  }
  return all;
}

void add_marks(const Marks& marks, std::vector<Found>& all) {
  const std::vector<CheckpointId> pins = marks.pins();
  const std::map<std::string, CheckpointId> tags = marks.tags();
  const std::map<std::int64_t, Verification> verified = marks.verified();
  for (Found& one : all) {
    one.listed.is_pinned = std::find(pins.begin(), pins.end(), one.id) != pins.end();
    for (const auto& [name, id] : tags)
      if (id == one.id) one.listed.tags.push_back(name);
    const auto found = verified.find(one.listed.step);
    if (found != verified.end() && found->second.checkpoint == one.id)
      one.listed.verified = found->second.time;
  }
}

std::vector<std::int64_t> ranked(const RunListing& listing) {
  std::vector<RetentionCandidate> candidates;
  for (const ListedCheckpoint& one : listing.checkpoints) {
    const auto metric = one.metrics.find(listing.retention.metric);
    candidates.push_back({one.step, metric == one.metrics.end()
                                        ? std::nullopt
                                        : std::optional<double>(metric->second)});
  }
  return best_steps(candidates, listing.retention);
}

// Whether the i-th of so many that are counted from the best or the newest is among `kept`.
bool is_among(std::size_t i, int kept) {
  return i < static_cast<std::size_t>(kept);
}

void explain(RunListing& listing) {
  const RetentionPolicy& policy = listing.retention;
  const std::vector<std::int64_t> best = ranked(listing);
  const std::size_t count = listing.checkpoints.size();
  for (std::size_t i = 0; i < count; ++i) {
    ListedCheckpoint& one = listing.checkpoints[i];
    const auto rank =
        static_cast<std::size_t>(std::find(best.begin(), best.end(), one.step) - best.begin());
    one.is_newest = i + 1 == count;
    one.is_best = rank == 0 && !best.empty();
    if (policy.keep_last == 0) {
      one.kept.emplace_back("all are");
    } else if (is_among(count - 1 - i, policy.keep_last)) {
      one.kept.push_back("last " + std::to_string(policy.keep_last));
    }
    if (rank < best.size() && is_among(rank, policy.keep_best))
      one.kept.push_back("best " + std::to_string(policy.keep_best) + " of " + policy.metric);
    if (one.is_pinned) one.kept.emplace_back("pinned");
    for (const std::string& tag : one.tags) one.kept.push_back("tag " + tag);
  }
}

}  // namespace

RunListing list_run(const RunView& run) {
  std::vector<Found> all = look_at_all(run);
  add_marks(Marks(run.directory()), all);
  RunListing listing;
  listing.retention.keep_last = 0;
  for (Found& one : all) {
    if (one.retention) listing.retention = *one.retention;
    listing.checkpoints.push_back(std::move(one.listed));
  }
  listing.quarantined = run.quarantined();
  listing.superseded = run.superseded();
  explain(listing);
  return listing;
}

std::optional<std::int64_t> best_step(const RunListing& listing) {
  for (const ListedCheckpoint& one : listing.checkpoints)
    if (one.is_best) return one.step;
  return std::nullopt;
}

}  // namespace holdfast
