#include <holdfast/checkpoint/run/run_listing.h>

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>
#include <holdfast/checkpoint/marks/marks.h>

namespace holdfast {
namespace {

// A checkpoint while the list is being made.
struct Found {
  ListedCheckpoint listed;
  std::optional<RetentionPolicy> retention;
  std::optional<CheckpointId> id;  // empty if its manifest cannot be read
};

// True if the error is a fact about this checkpoint, to be listed, rather than a failure of
// listing.
bool is_about_the_checkpoint(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::kCorrupt:
    case ErrorKind::kIo:
    case ErrorKind::kMismatch:
    case ErrorKind::kNotFound:
    case ErrorKind::kPermission:
    case ErrorKind::kRetired:
    case ErrorKind::kVersion:
      return true;
    default:
      return false;
  }
}

// True if the checkpoint may be sound in spite of this error.
bool proves_nothing(const Error& error) {
  return error.kind() == ErrorKind::kIo || error.kind() == ErrorKind::kPermission ||
         error.kind() == ErrorKind::kVersion;
}

// True if the run has removed the checkpoint. False if that cannot be told.
bool is_gone(const Directory& checkpoint) {
  try {
    require_present(checkpoint);
    return false;
  } catch (const Error& error) {
    return error.kind() == ErrorKind::kRetired;
  }
}

void read_into(Found& found, const Directory& checkpoint) {
  found.id = identify(checkpoint, found.listed.step);
  const format::Manifest manifest = read_manifest(checkpoint);
  found.listed.created = manifest.created;
  found.listed.run_id = manifest.run_id;
  found.listed.resumed_from = manifest.resumed_from;
  found.listed.metrics = manifest.metrics;
  for (const format::FileRecord& file : manifest.files) found.listed.bytes += file.bytes;
  found.retention = manifest.retention;
  require_named_step(manifest, checkpoint.path());
  require_complete(checkpoint, manifest);
}

// Empty if the checkpoint was removed meanwhile.
std::optional<Found> look_at(const RunView& run, std::int64_t step) {
  Found found;
  found.listed.step = step;
  found.listed.path =
      run.path() + "/" + format::kCheckpointsDirectory + "/" + format::step_directory_name(step);
  std::optional<Directory> checkpoint;
  try {
    checkpoint.emplace(run.open(step));
    read_into(found, *checkpoint);
  } catch (const Error& error) {
    if (!is_about_the_checkpoint(error)) throw;
    const bool was_retired = error.kind() == ErrorKind::kRetired;
    if (checkpoint ? was_retired || is_gone(*checkpoint) : error.kind() == ErrorKind::kNotFound)
      return std::nullopt;
    found.listed.problem = error.what();
    found.listed.may_be_sound = !found.retention && proves_nothing(error);
  }
  return found;
}

// Lists again until no checkpoint vanishes between being listed and being read. Otherwise a run
// that saves and removes quickly could seem to have no checkpoints at all. A checkpoint that has
// been read is not read again.
std::vector<Found> look_at_all(const RunView& run) {
  std::map<std::int64_t, Found> known;
  for (std::vector<std::int64_t> steps = run.steps(), before; steps != before;) {
    bool has_gone = false;
    for (const std::int64_t step : steps) {
      if (known.count(step) > 0) continue;
      auto found = look_at(run, step);
      has_gone |= !found;
      if (found) known.emplace(step, std::move(*found));
    }
    if (!has_gone) break;
    before = std::exchange(steps, run.steps());
    for (const std::int64_t step : before)
      if (!std::binary_search(steps.begin(), steps.end(), step)) known.erase(step);
  }
  std::vector<Found> all;
  for (auto& [step, found] : known) all.push_back(std::move(found));
  return all;
}

// True if this mark, which has the step of the checkpoint, belongs to it. Like
// Marks::protected_steps(), counts every mark of the step if the checkpoint cannot be identified.
bool is_of(const CheckpointId& mark, const Found& one) {
  return !one.id || mark == *one.id;
}

// Adds pins, tags and verifications to the checkpoints. Returns the tags that cannot be read.
std::set<std::string> add_marks(const Marks& marks, std::vector<Found>& all) {
  std::set<std::int64_t> unread;
  std::set<std::string> unread_tags;
  std::map<std::int64_t, CheckpointId> pins;  // by step, as the tags
  for (const CheckpointId& pin : marks.pins(&unread)) pins.emplace(pin.step, pin);
  std::multimap<std::int64_t, std::pair<std::string, CheckpointId>> tags;
  for (const auto& [name, id] : marks.tags(&unread_tags))
    tags.emplace(id.step, std::pair(name, id));
  const std::map<std::int64_t, Verification> verified = marks.verified();
  for (Found& one : all) {
    const auto pin = pins.find(one.listed.step);
    one.listed.is_pinned =
        unread.count(one.listed.step) > 0 || (pin != pins.end() && is_of(pin->second, one));
    const auto [first, last] = tags.equal_range(one.listed.step);
    for (auto tag = first; tag != last; ++tag)
      if (is_of(tag->second.second, one)) one.listed.tags.push_back(tag->second.first);
    const auto found = verified.find(one.listed.step);
    if (found != verified.end() && one.id && found->second.checkpoint == *one.id)
      one.listed.verified = found->second.time;
  }
  return unread_tags;
}

std::vector<std::int64_t> ranked(const RunListing& listing) {
  return best_steps(candidates_of(listing, listing.retention), listing.retention);
}

// Names only the first tag, since this text is repeated for every checkpoint. Empty if there are
// none.
std::string unread_tags_text(const std::set<std::string>& tags) {
  if (tags.empty()) return "";
  std::string text = "tag " + *tags.begin();
  if (tags.size() > 1) text += " and " + std::to_string(tags.size() - 1) + " more";
  return text + " (cannot be read)";
}

// Fills in which is newest and best, and why each is kept.
void explain(RunListing& listing) {
  const RetentionPolicy& policy = listing.retention;
  const std::vector<std::int64_t> best = ranked(listing);
  std::unordered_map<std::int64_t, std::size_t> ranks;
  for (const std::int64_t step : best) ranks.emplace(step, ranks.size());
  const std::string unread_tags = unread_tags_text(listing.unread_tags);
  const std::size_t count = listing.checkpoints.size();
  std::size_t newer = 0;  // number of usable checkpoints that are newer
  for (std::size_t i = count; i-- > 0;) {
    ListedCheckpoint& one = listing.checkpoints[i];
    const auto ranked_at = ranks.find(one.step);
    const std::size_t rank = ranked_at == ranks.end() ? best.size() : ranked_at->second;
    one.is_newest = i + 1 == count;
    one.is_best = rank == 0 && !best.empty();
    if (policy.keep_last == 0) {
      one.kept.emplace_back("all");
    } else if (!one.problem.empty()) {
      one.kept.emplace_back("not usable");
    } else if (newer++ < static_cast<std::size_t>(policy.keep_last)) {
      one.kept.push_back("last " + std::to_string(policy.keep_last));
    }
    if (rank < best.size() && rank < static_cast<std::size_t>(policy.keep_best))
      one.kept.push_back("best " + std::to_string(policy.keep_best) + " of " + policy.metric);
    if (one.is_pinned) one.kept.emplace_back("pinned");
    for (const std::string& tag : one.tags) one.kept.push_back("tag " + tag);
    if (!unread_tags.empty()) one.kept.push_back(unread_tags);
  }
}

}  // namespace

RunListing list_run(const RunView& run) {
  std::vector<Found> all = look_at_all(run);
  RunListing listing;
  listing.unread_tags = add_marks(Marks(run.directory()), all);
  listing.retention.keep_last = 0;
  for (Found& one : all) {
    if (one.retention) listing.retention = *one.retention;
    listing.checkpoints.push_back(std::move(one.listed));
  }
  listing.quarantined = run.quarantined();
  listing.superseded = run.superseded();
  listing.in_the_way = taken_names(run.checkpoints());
  listing.stray = stray_marks(run);
  explain(listing);
  return listing;
}

std::vector<RetentionCandidate> candidates_of(const RunListing& listing,
                                              const RetentionPolicy& policy) {
  std::vector<RetentionCandidate> candidates;
  for (const ListedCheckpoint& one : listing.checkpoints) {
    candidates.push_back(candidate_of(one.step, one.metrics, policy));
    candidates.back().is_complete = one.problem.empty();
  }
  return candidates;
}

std::optional<std::int64_t> best_step(const RunListing& listing) {
  for (const ListedCheckpoint& one : listing.checkpoints)
    if (one.is_best) return one.step;
  return std::nullopt;
}

std::set<std::string> names_of_metrics(const RunListing& listing) {
  std::set<std::string> names;
  for (const ListedCheckpoint& one : listing.checkpoints)
    for (const auto& [name, value] : one.metrics) names.insert(name);
  return names;
}

}  // namespace holdfast
