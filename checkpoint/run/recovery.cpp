#include <holdfast/checkpoint/run/recovery.h>

#include <algorithm>
#include <utility>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/random_id.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>
#include <holdfast/checkpoint/run/locate.h>

namespace holdfast {
namespace {

constexpr std::size_t kMostReasonBytes = 64 << 10;

// The damage as lines for people: each problem, and below it the entries that it affects. Only the
// first 64 KiB.
std::string describe(const std::vector<Damage>& damage) {
  std::string text;
  std::size_t left_out = 0;
  const auto add = [&](const std::string& line) {
    const bool has_room = text.size() < kMostReasonBytes;
    if (has_room) text += (text.empty() ? "" : "\n") + line;
    left_out += has_room ? 0 : 1;
  };
  for (const Damage& one : damage) {
    add(printable(one.file) + ": " + one.problem);
    for (const std::string& entry : one.entries) add("  hurts " + printable(entry));
  }
  return left_out == 0 ? text : text + "\nand " + std::to_string(left_out) + " lines more";
}

bool is_index(const Damage& damage) {
  return damage.file == format::kIndexFile;
}

// Without the damage to the index, which no load depends on.
std::vector<Damage> damage_that_matters(std::vector<Damage> damage) {
  damage.erase(std::remove_if(damage.begin(), damage.end(), is_index), damage.end());
  return damage;
}

bool has_quarantined(const Directory& run) {
  return run.type_of(format::kQuarantineDirectory) == FileType::kDirectory &&
         !run.open_directory(format::kQuarantineDirectory).list().empty();
}

}  // namespace

Recovery::Recovery(RunStore& store, EventTeller& teller, int threads)
    : store_(store), teller_(teller), threads_(threads) {}

std::optional<CheckpointFiles> Recovery::load_latest(const LoadObjects& load,
                                                     const AcceptCheckpoint& accept,
                                                     std::optional<std::int64_t> before) {
  std::vector<std::int64_t> steps = store_.steps();
  if (steps.empty() && !has_quarantined(store_.root())) return std::nullopt;
  const std::vector<std::int64_t> all = steps;
  if (before) steps.erase(std::lower_bound(steps.begin(), steps.end(), *before), steps.end());
  std::reverse(steps.begin(), steps.end());
  bool touched = false;
  std::vector<std::int64_t> refused;
  for (const std::int64_t step : steps) {
    auto files = try_load(step, load, touched);
    touched = true;
    if (!files) continue;
    if (accept(*files)) {
      // Checkpoints that are newer than this one and still there were skipped or refused.
      if (step != all.back() && store_.steps().back() > step) set_aside_after(step);
      for (const std::int64_t one : refused) teller_.tell(events::Refused{one, step});
      return files;
    }
    refused.push_back(step);
  }
  throw_none_is_good(before, refused);
}

void Recovery::throw_none_is_good(std::optional<std::int64_t> passed_over,
                                  const std::vector<std::int64_t>& refused) const {
  if (!refused.empty())
    throw Error(ErrorKind::kDiverged, "the run has no checkpoint that it may go on from")
        .at(store_.path())
        .found("step " + std::to_string(refused.front()) +
               " was refused, and so were all older ones");
  if (passed_over)
    throw Error(ErrorKind::kRestartLoop, "the run fails again and again from its newest checkpoint")
        .at(store_.path())
        .expected("a sound checkpoint that is older than step " + std::to_string(*passed_over))
        .found("none that is sound")
        .remedy(std::string("fix what fails, then remove ") + format::kFailuresFile);
  throw Error(ErrorKind::kCorrupt, "the run has checkpoints, and none of them is sound")
      .at(store_.path())
      .found("all of them in " + store_.path() + "/" + format::kQuarantineDirectory +
             ", each with the reason beside it")
      .remedy("restore the run from a backup, or start afresh in another run directory");
}

// Loads one checkpoint. Empty if it was damaged; it is in quarantine then.
std::optional<CheckpointFiles> Recovery::try_load(std::int64_t step, const LoadObjects& load,
                                                  bool touched) {
  try {
    CheckpointFiles files(store_.open(step));
    load(files, touched);
    mend_index(files);
    return files;
  } catch (Error& error) {  // rethrown as the same object: another exception may be nested in it
    if (error.kind() != ErrorKind::kCorrupt && error.kind() != ErrorKind::kNotFound) {
      if (touched)
        error.remedy("a damaged checkpoint was read before it: the state is unspecified");
      throw;
    }
    const std::vector<Damage> damage =
        damage_that_matters(verify(store_.open(step), VerifyDepth::kFull, threads_));
    if (damage.empty()) throw;  // it is sound when read again: no damage is proven
    quarantine(step, damage);
    return std::nullopt;
  }
}

void Recovery::quarantine(std::int64_t step, const std::vector<Damage>& damage) {
  const std::string reason = describe(damage);
  store_.quarantine(step, reason);
  teller_.tell(events::Quarantine{step, reason});
}

// Rebuilds a damaged index from the catalog. Nothing is loaded through the index, so if this fails
// the restore is still good: the failure is only told as an event.
void Recovery::mend_index(const CheckpointFiles& files) {
  const std::int64_t step = files.manifest().step;
  try {
    const std::vector<Damage> damage = verify_file(files, format::kIndexFile, threads_);
    if (damage.empty()) return;
    files.directory().replace_file(format::kIndexFile, format::build_index(files.catalog()));
    teller_.tell(events::IndexRebuilt{step, describe(damage)});
  } catch (const Error& error) {
    teller_.tell(events::IndexDamaged{step, error.what()});
  }
}

CheckpointFiles Recovery::load_from(const std::string& path, const LoadObjects& load) {
  bool touched = false;
  return with_checkpoint(store_.root().file_system(), path, [&](Directory checkpoint) {
    CheckpointFiles files(std::move(checkpoint));
    load_one(files, path, load, touched);
    return files;
  });
}

// `touched` is set before the load, because a failed load may be repeated: the checkpoint may
// belong to another run, which may remove it meanwhile.
void Recovery::load_one(const CheckpointFiles& files, const std::string& path,
                        const LoadObjects& load, bool& touched) {
  const std::int64_t step = files.manifest().step;
  const std::vector<std::int64_t> steps = store_.steps();
  if (steps.empty() && has_quarantined(store_.root()))
    throw Error(ErrorKind::kExists, "the run had checkpoints of its own, and none was sound")
        .at(store_.path())
        .expected("an empty run, to go on from " + path)
        .found("all of them, damaged, in " + store_.path() + "/" + format::kQuarantineDirectory)
        .remedy("choose another run directory");
  const bool is_own = std::binary_search(steps.begin(), steps.end(), step) &&
                      files.directory().is_same_as(store_.open(step));
  if (!is_own && !steps.empty())
    throw Error(ErrorKind::kExists, "the run has checkpoints of its own")
        .at(store_.path())
        .expected("an empty run, to go on from " + path)
        .found("checkpoints up to step " + std::to_string(steps.back()))
        .remedy("resume its own newest checkpoint, or choose another run directory");
  load(files, std::exchange(touched, true));
  if (!steps.empty() && steps.back() > step) set_aside_after(step);
}

void Recovery::set_aside_after(std::int64_t step) {
  const std::string id = random_id();
  store_.supersede_after(step, id);
  teller_.tell(events::Superseded{step, format::kSupersededDirectory + ("/" + id)});
}

std::optional<std::int64_t> Recovery::step_to_pass_over(const FailureLog& failures, int most,
                                                        bool older) const {
  const std::vector<std::int64_t> steps = store_.steps();
  if (most == 0 || steps.empty() || failures.count(steps.back()) < most) return std::nullopt;
  if (older && steps.size() > 1 && failures.passed_over() < most) return steps.back();
  throw Error(ErrorKind::kRestartLoop, "the run fails again and again from the same checkpoint")
      .at(store_.path())
      .expected("fewer than " + std::to_string(most) +
                " failures before a newer checkpoint than step " + std::to_string(steps.back()))
      .found(std::to_string(failures.count(steps.back())) +
             ", the last: " + failures.last_reason(steps.back()))
      .remedy("fix what fails and remove " + store_.path() + "/" + format::kFailuresFile +
              ", or resume from an older checkpoint");
}

}  // namespace holdfast
