#include <holdfast/checkpoint/store/stray_marks.h>

#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/store/run_names.h>

namespace holdfast {
namespace {

// "superseded/<id>/step-000000000300" and "quarantine/step-000000000300-2", not "…3000".
bool may_be_of_step(const std::string& name, std::int64_t step) {
  const std::string last = name.substr(name.rfind('/') + 1);
  const std::string own = step_directory_name(step);
  return last == own || last.rfind(own + "-", 0) == 0;
}

bool is_same(const RunView& run, const std::string& place, const CheckpointId& checkpoint) {
  try {
    const Directory there =
        Directory::open(run.directory().file_system(), run.path() + "/" + place);
    return identify(there, checkpoint.step) == checkpoint;
  } catch (const Error&) {
    return false;
  }
}

bool is_among_checkpoints(const RunView& run, const CheckpointId& checkpoint) {
  const std::string name = step_directory_name(checkpoint.step);
  if (run.checkpoints().type_of(name) != FileType::kDirectory) return false;
  try {
    return identify(run.open(checkpoint.step), checkpoint.step) == checkpoint;
  } catch (const Error&) {
    return true;
  }
}

}  // namespace

std::string place_of(const RunView& run, const CheckpointId& checkpoint) {
  if (is_among_checkpoints(run, checkpoint))
    return std::string(kCheckpointsDirectory) + "/" + step_directory_name(checkpoint.step);
  const std::pair<const char*, std::vector<SetAside>> others[] = {
      {kSupersededDirectory, run.superseded()}, {kQuarantineDirectory, run.quarantined()}};
  for (const auto& [directory, set_aside] : others) {
    for (const SetAside& one : set_aside) {
      std::string place = std::string(directory) + "/" + one.name;
      if (may_be_of_step(one.name, checkpoint.step) && is_same(run, place, checkpoint))
        return place;
    }
  }
  return "";
}

std::vector<StrayMark> stray_marks(const RunView& run) {
  const Marks marks(run.directory());
  std::vector<StrayMark> stray;
  const auto add = [&](const std::string& tag, const CheckpointId& id) {
    if (!is_among_checkpoints(run, id)) stray.push_back({tag, id.step, place_of(run, id)});
  };
  for (const CheckpointId& id : marks.pins()) add("", id);
  for (const auto& [tag, id] : marks.tags()) add(tag, id);
  return stray;
}

}  // namespace holdfast
