#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/move_checkpoint.h>
#include <holdfast/checkpoint/run/run_store.h>
#include <holdfast/checkpoint/run/run_view.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace holdfast {
namespace {

bool is_free(const Directory& quarantine, const std::string& name) {
  return !quarantine.type_of(name) && !quarantine.type_of(format::reason_file_name(name));
}

std::string free_name(const Directory& quarantine, const std::string& name) {
  std::string candidate = name;
  for (int n = 2; !is_free(quarantine, candidate); ++n) candidate = name + "-" + std::to_string(n);
  return candidate;
}

std::vector<std::string> unfinished_in(const Directory& directory) {
  std::vector<std::string> names = directory.list();
  const auto is_finished = [](const std::string& name) {
    return !format::is_unfinished_directory(name);
  };
  names.erase(std::remove_if(names.begin(), names.end(), is_finished), names.end());
  return names;
}

// Removes the copies that move_checkpoint() was making in quarantine/ and below superseded/ when
// the process was killed. Errors are ignored: what stays takes space but does no other harm.
void remove_unfinished_copies(const Directory& run) {
  const auto remove_in = [](const Directory& directory) {
    for (const std::string& name : unfinished_in(directory)) directory.remove_tree(name);
  };
  try {
    if (run.type_of(format::kQuarantineDirectory) == FileType::kDirectory)
      remove_in(run.open_directory(format::kQuarantineDirectory));
    if (run.type_of(format::kSupersededDirectory) != FileType::kDirectory) return;
    const Directory superseded = run.open_directory(format::kSupersededDirectory);
    for (const std::string& id : superseded.list())
      if (superseded.type_of(id) == FileType::kDirectory) remove_in(superseded.open_directory(id));
  } catch (const Error&) {
  }
}

}  // namespace

RunStore::RunStore(std::shared_ptr<FileSystem> fs, const std::string& path)
    : root_(Directory::create(std::move(fs), path)),
      lock_(root_),
      checkpoints_(root_.ensure_directory(format::kCheckpointsDirectory)) {
  // The checkpoint to resume from may have been renamed by a process that was killed before its
  // fsync of this directory. The run must not go on from a name that a crash can take away.
  checkpoints_.sync();
  remove_leftovers();
  remove_unfinished_copies(root_);
}

// Removes unfinished saves and removals. Errors are ignored, so that they do not keep a run from
// starting or a checkpoint from being saved: what stays takes space but does no other harm, and
// each save tries again. The directory is fsynced first: otherwise a crash could bring back the
// name of a checkpoint whose files are gone.
void RunStore::remove_leftovers() {
  const std::vector<std::string> names = unfinished_in(checkpoints_);
  try {
    if (!names.empty()) checkpoints_.sync();
  } catch (const Error&) {
    return;
  }
  const IsProtected is_protected = read_marks_once();
  for (const std::string& name : names) {
    try {
      if (!comes_back(name, is_protected)) checkpoints_.remove_tree(name);
    } catch (const Error&) {
    }
  }
}

std::vector<std::int64_t> RunStore::steps() const {
  std::vector<std::int64_t> steps = committed_steps(checkpoints_);
  require_free_names(checkpoints_, steps.empty() ? -1 : steps.back());
  return steps;
}

std::vector<Error> RunStore::in_the_way() const {
  return taken_names(checkpoints_);
}

std::vector<std::int64_t> RunStore::protected_steps() const {
  return Marks(root_).protected_steps(checkpoints_);
}

Directory RunStore::open(std::int64_t step) const {
  return checkpoints_.open_directory(format::step_directory_name(step));
}

PendingCheckpoint RunStore::begin(std::int64_t step) {
  remove_leftovers();
  const std::string name = format::step_directory_name(step);
  if (const auto type = checkpoints_.type_of(name)) {
    if (type != FileType::kDirectory) throw name_taken(checkpoints_, step);
    throw Error(ErrorKind::kExists, "the step has a checkpoint, and checkpoints never change")
        .at(checkpoints_.path() + "/" + name)
        .remedy("save a later step, or resume from this one");
  }
  return {root_.open_directory(format::kCheckpointsDirectory), format::pending_directory_name(step),
          step};
}

void RunStore::commit(PendingCheckpoint pending) {
  pending.commit(format::step_directory_name(pending.step()));
}

// A checkpoint is renamed before its files are removed, so that no reader finds a checkpoint with a
// part of its files. If the process is killed after the rename, the next start removes the rest.
std::string RunStore::withdraw(std::int64_t step) {
  std::string name = format::retired_directory_name(step);
  rename_out(step, checkpoints_, name);
  return name;
}

bool RunStore::remove_withdrawn(const std::string& name) {
  if (comes_back(name, read_marks_once())) return false;
  checkpoints_.sync();
  remove_files(name);
  return true;
}

// Whoever marked one of them before it lost its name was told that it stays: so the marks are read
// when the last has lost its name.
void RunStore::retire(const std::vector<std::int64_t>& steps,
                      const std::function<void(std::int64_t)>& retired) {
  std::optional<Error> failure;
  const auto succeeds = [&](const auto& action) {
    try {
      action();
      return true;
    } catch (const Error& error) {
      if (!failure) failure = error;
      return false;
    }
  };
  std::vector<std::pair<std::int64_t, std::string>> withdrawn;
  for (const std::int64_t step : steps)
    succeeds([&] { withdrawn.emplace_back(step, withdraw(step)); });
  if (!withdrawn.empty() && succeeds([this] { checkpoints_.sync(); })) {
    const IsProtected is_protected = read_marks_once();
    for (const auto& one : withdrawn) {
      bool is_back = false;
      const auto remove = [&] {
        is_back = comes_back(one.second, is_protected);
        if (!is_back) remove_files(one.second);
      };
      if (succeeds(remove) && !is_back) retired(one.first);
    }
  }
  if (failure) throw *failure;
}

// The manifest is removed first: a reader that misses a file checks for the manifest, and so knows
// that the checkpoint is being removed and is not damaged.
void RunStore::remove_files(const std::string& name) {
  checkpoints_.open_directory(name).remove_tree(format::kManifestFile);
  checkpoints_.remove_tree(name);
  forget_verification(name);
}

// Reads the marks when it is first asked. Marks that cannot be read may protect any checkpoint.
RunStore::IsProtected RunStore::read_marks_once() const {
  const auto marks = std::make_shared<std::optional<ProtectedCheckpoints>>();
  return [this, marks](const Directory& retired, std::int64_t step) {
    try {
      if (!*marks) *marks = Marks(root_).read_protected();
      return (*marks)->has(retired, step);
    } catch (const Error&) {
      return true;
    }
  };
}

// Errors are ignored: a note that a removed checkpoint was verified does no harm.
void RunStore::forget_verification(const std::string& retired) {
  const auto step = format::parse_retired_directory(retired);
  try {
    if (step) Marks(root_).clear_verified(*step);
  } catch (const Error&) {
  }
}

// Renames a withdrawn checkpoint back if it is pinned or tagged; returns true if it has. Marks need
// no lock, so one may have been made after retention had read the marks and before the rename.
// Whoever made it was told that the checkpoint stays (mark_checkpoint.h).
bool RunStore::comes_back(const std::string& name, const IsProtected& is_protected) {
  const auto step = format::parse_retired_directory(name);
  if (!step || checkpoints_.type_of(name) != FileType::kDirectory) return false;
  const Directory retired = checkpoints_.open_directory(name);
  if (!retired.type_of(format::kManifestFile) || !is_protected(retired, *step)) return false;
  if (checkpoints_.type_of(format::step_directory_name(*step))) return false;
  move_checkpoint(checkpoints_, name, checkpoints_, format::step_directory_name(*step), *step);
  checkpoints_.sync();
  return true;
}

std::string RunStore::quarantine(std::int64_t step, const std::string& reason) {
  const Directory quarantine = root_.ensure_directory(format::kQuarantineDirectory);
  const std::string name = free_name(quarantine, format::step_directory_name(step));
  quarantine.replace_file(format::reason_file_name(name), ByteView(reason + "\n"));
  try {
    rename_out(step, quarantine, name);
  } catch (const Error&) {
    if (!quarantine.type_of(name)) quarantine.remove_tree(format::reason_file_name(name));
    throw;
  }
  quarantine.sync();
  checkpoints_.sync();
  return quarantine.path() + "/" + name;
}

std::vector<std::int64_t> RunStore::supersede_after(std::int64_t step, const std::string& id) {
  require_free_names(checkpoints_, step);
  std::vector<std::int64_t> newer = steps();
  newer.erase(newer.begin(), std::upper_bound(newer.begin(), newer.end(), step));
  if (newer.empty()) return newer;
  const Directory target =
      root_.ensure_directory(format::kSupersededDirectory).ensure_directory(id);
  for (auto it = newer.rbegin(); it != newer.rend(); ++it) {
    rename_out(*it, target, format::step_directory_name(*it));
    // The target first: a crash may leave the checkpoint under both names, but never under none.
    target.sync();
    checkpoints_.sync();
  }
  return newer;
}

void RunStore::rename_out(std::int64_t step, const Directory& to, const std::string& name) {
  const std::string from = format::step_directory_name(step);
  const auto type = checkpoints_.type_of(from);
  if (type && type != FileType::kDirectory) throw name_taken(checkpoints_, step);
  move_checkpoint(checkpoints_, from, to, name, step);
}

}  // namespace holdfast
