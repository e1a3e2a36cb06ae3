#include "keep/removal.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/load/checkpoint_directory.h>
#include <holdfast/checkpoint/marks/marks.h>
#include <holdfast/checkpoint/run/mark_checkpoint.h>
#include <holdfast/checkpoint/run/run_store.h>

#include <algorithm>
#include <list>
#include <set>
#include <string>

namespace holdfast::tool {
namespace {

// The checkpoints to remove from one run. The run is locked as long as this lives.
struct Going {
  Going(const std::shared_ptr<FileSystem>& fs, const std::string& run) : store(fs, run) {}

  RunStore store;
  std::set<std::int64_t> steps;
};

std::string path_of(const RunStore& store, std::int64_t step) {
  return store.path() + "/" + format::kCheckpointsDirectory + "/" +
         format::step_directory_name(step);
}

std::list<Going> by_run(const std::vector<RunCheckpoint>& checkpoints,
                        const std::shared_ptr<FileSystem>& fs) {
  std::list<Going> all;
  for (const RunCheckpoint& one : checkpoints) {
    auto going = std::find_if(all.begin(), all.end(), [&](const Going& other) {
      return other.store.root().is_same_as(one.run.directory());
    });
    if (going == all.end()) going = all.emplace(all.end(), fs, one.run.path());
    going->steps.insert(one.step);
  }
  return all;
}

bool is_complete(const RunStore& store, std::int64_t step) {
  try {
    const Directory checkpoint = store.open(step);
    require_complete(checkpoint, read_manifest(checkpoint));
    return true;
  } catch (const Error&) {
    return false;
  }
}

// Throws if the run would be left without a complete checkpoint although it has one now, or without
// any checkpoint.
void check_one_stays(const Going& going) {
  bool stays = false, complete_one_stays = false, complete_one_goes = false;
  for (const std::int64_t step : going.store.steps()) {
    const bool goes = going.steps.count(step) > 0;
    stays |= !goes;
    if (is_complete(going.store, step)) (goes ? complete_one_goes : complete_one_stays) = true;
  }
  if (complete_one_stays || (stays && !complete_one_goes)) return;
  const std::string which = stays ? "complete " : "";
  throw Error(ErrorKind::kExists,
              going.steps.size() == 1
                  ? "this is the only " + which + "checkpoint that the run has"
                  : "these are all the " + which + "checkpoints that the run has")
      .at(path_of(going.store, *going.steps.rbegin()))
      .remedy("give --last to remove it all the same");
}

void check_may_go(const Going& going, bool last_may_go) {
  std::set<std::string> unread_tags;
  Marks(going.store.root()).tags(&unread_tags);
  if (!unread_tags.empty()) throw unread_tag(going.store.path(), *unread_tags.begin());
  for (const std::int64_t step : going.store.protected_steps())
    if (going.steps.count(step) > 0)
      throw Error(ErrorKind::kExists, "the checkpoint is pinned or tagged")
          .at(path_of(going.store, step))
          .remedy("first unpin it (holdfast unpin), or remove its tag (holdfast tag --remove)");
  if (!last_may_go) check_one_stays(going);
}

}  // namespace

void remove_checkpoints(const std::vector<RunCheckpoint>& checkpoints, bool last_may_go,
                        const std::function<void(const std::string&, std::int64_t)>& removed,
                        std::shared_ptr<FileSystem> fs) {
  std::list<Going> all = by_run(checkpoints, fs);
  for (const Going& going : all) check_may_go(going, last_may_go);
  for (Going& going : all) {
    for (const std::int64_t step : going.steps) {
      if (!going.store.retire(step))
        throw Error(ErrorKind::kExists, "the checkpoint was pinned or tagged meanwhile, and stays")
            .at(path_of(going.store, step));
      removed(going.store.path(), step);
    }
  }
}

}  // namespace holdfast::tool
