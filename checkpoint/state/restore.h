// A checkpoint into a state.
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
  // Patterns (fnmatch; * also matches /) of the entries to restore, e.g. "models/student/*"; empty:
  // all. What they leave out is neither missing nor unexpected. Optimizers, schedulers and objects
  // are restored as a whole or not at all. A pattern by which nothing is loaded is a mismatch,
  // whatever the next two allow: it must match an entry that a registered object asks for.
  std::vector<std::string> include;
  bool allow_missing = false;     // leave alone what the checkpoint has no entry for
  bool allow_unexpected = false;  // pass over entries that no registered object asks for
  // How models train, beside their values (modes/…): train() or eval() of every submodule,
  // requires_grad of every parameter, and which gradients are defined. False: all three stay as
  // they are here.
  bool modes = true;
  // That read and verify. 0: one a core; of a Checkpointer, its Options::threads.
  int threads = 0;
};

// Overwrites the live objects. Before the first copy everything is compared: names, kinds, types,
// shapes, ties, and the optimizers' classes and groups. What is missing, unexpected or different is
// listed in one Error(kMismatch), and nothing has changed. A checkpoint that has none of the
// objects' entries is an error of this kind whatever allow_missing says. A later error (kCorrupt, kIo; one for what an object's load() throws, as in
// stateful.h) leaves the state unspecified.
LoadReport restore(const CheckpointFiles& checkpoint, State& state,
                   const RestoreOptions& options = {});

// That comparison alone: throws what restore() would throw before the first copy, and returns what
// it would.
LoadReport require_match(const format::Catalog& catalog, State& state,
                         const RestoreOptions& options, const std::string& path);

// restore() from wherever the bytes come; `path` is for messages.
using ReadEntries = std::function<void(const std::vector<ReadRequest>& requests)>;
LoadReport restore(const format::Catalog& catalog, const ReadEntries& read, State& state,
                   const RestoreOptions& options, const std::string& path);

// What the last restore into the state changed of how its models train: at most six a model.
std::vector<ModeChange> mode_changes(const State& state);

}  // namespace holdfast
