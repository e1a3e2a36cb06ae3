#include <holdfast/checkpoint/run/stray_marks.h>

#include <algorithm>
#include <map>
#include <optional>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {
namespace {

// The checkpoints in superseded/ and quarantine/: their paths within the run, by step.
using Places = std::multimap<std::int64_t, std::string>;

// The step in ".../step-000000000300" or "step-000000000300-2".
std::optional<std::int64_t> step_of(const std::string& name) {
  const std::string last = name.substr(name.rfind('/') + 1);
  return format::parse_step_directory(last.substr(0, last.find('-', last.find('-') + 1)));
}

Places places_in(const RunView& run) {
  Places places;
  const auto add = [&](const char* directory, const std::vector<SetAside>& set_aside) {
    for (const SetAside& one : set_aside)
      if (const auto step = step_of(one.name))
        places.emplace(*step, std::string(directory) + "/" + one.name);
  };
  add(format::kSupersededDirectory, run.superseded());
  add(format::kQuarantineDirectory, run.quarantined());
  return places;
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
  if (!run.checkpoints().type_of(format::step_directory_name(checkpoint.step))) return false;
  try {
    return identify(run.open(checkpoint.step), checkpoint.step) == checkpoint;
  } catch (const Error&) {
    return true;
  }
}

// Empty if the checkpoint is in none of these places.
std::string place_among(const Places& places, const RunView& run, const CheckpointId& checkpoint) {
  const auto [begin, end] = places.equal_range(checkpoint.step);
  const auto found = std::find_if(
      begin, end, [&](const auto& place) { return is_same(run, place.second, checkpoint); });
  return found == end ? "" : found->second;
}

}  // namespace

std::string place_of(const RunView& run, const CheckpointId& checkpoint) {
  if (is_among_checkpoints(run, checkpoint))
    return std::string(format::kCheckpointsDirectory) + "/" +
           format::step_directory_name(checkpoint.step);
  return place_among(places_in(run), run, checkpoint);
}

std::vector<StrayMark> stray_marks(const RunView& run) {
  const Marks marks(run.directory());
  const Places places = places_in(run);
  std::vector<StrayMark> stray;
  const auto add = [&](const std::string& tag, const CheckpointId& id) {
    if (!is_among_checkpoints(run, id))
      stray.push_back({tag, id.step, place_among(places, run, id)});
  };
  for (const CheckpointId& id : marks.pins()) add("", id);
  for (const auto& [tag, id] : marks.tags()) add(tag, id);
  return stray;
}

}  // namespace holdfast
