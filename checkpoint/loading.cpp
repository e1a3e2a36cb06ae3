#include <holdfast/checkpoint/loading.h>

#include <holdfast/checkpoint/checkpoint_info.h>

namespace holdfast {

Loading::Loading(const Options& options, FailureAccount& failures)
    : options_(options), failures_(failures) {}

void Loading::load(const CheckpointFiles& files, State& state, RestoreOptions how, bool touched) {
  if (touched) how.allow_missing = false;
  if (how.threads == 0) how.threads = options_.threads;
  if (options_.before_restore) options_.before_restore(info_of(files));
  failures_.loading(files.manifest().step);
  const auto remember_changes = [&] {
    const std::vector<ModeChange> changes = mode_changes(state);
    mode_changes_.insert(mode_changes_.end(), changes.begin(), changes.end());
  };
  try {
    report_ = restore(files, state, how);
  } catch (...) {
    remember_changes();  // the next older checkpoint may be loaded over what this one has changed
    throw;
  }
  remember_changes();
}

bool Loading::accepts(const CheckpointFiles& files) const {
  return !options_.accepts || options_.accepts(resumed(files));
}

Resumed Loading::resumed(const CheckpointFiles& files) const {
  Resumed resumed;
  static_cast<CheckpointInfo&>(resumed) = info_of(files);
  resumed.load = report_;
  resumed.mode_changes = mode_changes_;
  return resumed;
}

}  // namespace holdfast
