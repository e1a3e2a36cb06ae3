#include <holdfast/checkpoint/run/mark_checkpoint.h>

#include <algorithm>
#include <vector>

#include <holdfast/checkpoint/format/run_names.h>
#include <holdfast/checkpoint/marks/marks.h>

namespace holdfast {
namespace {

bool is_there(const RunView& run, std::int64_t step) {
  return run.checkpoints().type_of(format::step_directory_name(step)).has_value();
}

Error removed_meanwhile(const RunView& run, std::int64_t step) {
  return Error(ErrorKind::kRetired, "the run has removed the checkpoint meanwhile")
      .at(run.path() + "/" + format::kCheckpointsDirectory + "/" +
          format::step_directory_name(step));
}

}  // namespace

void pin_checkpoint(const RunView& run, std::int64_t step) {
  Marks marks(run.directory());
  const CheckpointId id = identify(run.open(step), step);
  const std::vector<CheckpointId> before = marks.pins();
  marks.pin(id);
  if (is_there(run, step)) return;
  const auto former = std::find_if(before.begin(), before.end(),
                                   [&](const CheckpointId& pin) { return pin.step == step; });
  if (former == before.end()) {
    marks.unpin(step);
  } else {
    marks.pin(*former);
  }
  throw removed_meanwhile(run, step);
}

void tag_checkpoint(const RunView& run, std::int64_t step, const std::string& name) {
  Marks marks(run.directory());
  const CheckpointId id = identify(run.open(step), step);
  const auto before = marks.tags();
  marks.tag(name, id);
  if (is_there(run, step)) return;
  const auto former = before.find(name);
  if (former == before.end()) {
    marks.remove_tag(name);
  } else {
    marks.tag(name, former->second);
  }
  throw removed_meanwhile(run, step);
}

Error unread_tag(const std::string& run, const std::string& name) {
  return Error(ErrorKind::kCorrupt,
               "the tag cannot be read; it may be of any checkpoint, and retention keeps them all")
      .at(run + "/" + format::kTagsDirectory + "/" + name)
      .remedy("set the tag again, or remove it: holdfast tag --remove");
}

}  // namespace holdfast
