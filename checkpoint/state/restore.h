// Puts a checkpoint into a state.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/load/checkpoint_files.h>
#include <holdfast/checkpoint/load/load_report.h>
#include <holdfast/checkpoint/state/mode_change.h>
#include <holdfast/checkpoint/state/state.h>

namespace holdfast {

struct RestoreOptions {
  // Patterns of the entries to restore, such as "models/student/*" (fnmatch, where * also matches
  // /). Empty: restore all. Entries that no pattern matches count neither as missing nor as
  // unexpected. Optimizers, schedulers and objects are restored as a whole or not at all. Each
  // pattern must match an entry that a registered object asks for, otherwise it is a mismatch; the
  // next two options do not change that.
  std::vector<std::string> include;
  bool allow_missing = false;     // leave alone what the checkpoint has no entry for
  bool allow_unexpected = false;  // ignore entries that no registered object asks for
  // Also restore how models train (modes/…): train() or eval() of every submodule, requires_grad of
  // every parameter, and which gradients are defined. False: leave all three as they are.
  bool modes = true;
  // Threads that read and verify. 0: one for each core; in a Checkpointer, its Options::threads.
  int threads = 0;
};

// Overwrites the live objects. First compares everything: names, kinds, types, shapes, ties, and
// the optimizers' classes and groups. If anything is missing, unexpected or different, throws one
// Error(kMismatch) that lists all of it; nothing has changed then. The same if the checkpoint has
// no entry at all that the objects ask for, even with allow_missing.
// Later errors leave the state unspecified: kCorrupt, kIo, or what an object's load() throws
// (stateful.h).
LoadReport restore(const CheckpointFiles& checkpoint, State& state,
                   const RestoreOptions& options = {});

// Only compares, and changes nothing: throws what restore() would throw in its comparison, or
// returns the report that restore() would return.
LoadReport require_match(const format::Catalog& catalog, State& state,
                         const RestoreOptions& options, const std::string& path);

// restore() for bytes from any place: `read` fills the sinks of all requests, or throws. `path`
// names the checkpoint in messages.
using ReadEntries = std::function<void(const std::vector<ReadRequest>& requests)>;
LoadReport restore(const format::Catalog& catalog, const ReadEntries& read, State& state,
                   const RestoreOptions& options, const std::string& path);

// What the last restore() into the state changed in how its models train: at most six a model, in
// the order of registration. If that restore threw, these are the changes that it had made before:
// none after an Error of the comparison.
std::vector<ModeChange> mode_changes(const State& state);

}  // namespace holdfast
