#include "tag_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/run/mark_checkpoint.h>
#include <holdfast/checkpoint/run/stray_marks.h>

#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "command/between.h"
#include "command/help.h"
#include "output/json_output.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "Afterwards RUN@NAME names this checkpoint, wherever a checkpoint can be given, and\n"
    "retention keeps it. A tag that exists is moved. RUN@latest and RUN@best need no tag.\n"
    "Without STEP and NAME, lists the run's tags. The run may be training meanwhile.\n"
    "Exit status: 0 done; 1 it could not be done; 2 bad usage.";

struct TagOptions {
  std::string run, name;
  std::optional<std::string> removed;
  std::optional<std::int64_t> step;
  bool json = false;
};

// Where the checkpoint is, for each tag whose checkpoint is not among the run's.
std::map<std::string, std::string> whereabouts(const RunView& run) {
  std::map<std::string, std::string> places;
  for (const StrayMark& one : stray_marks(run))
    if (!one.tag.empty())
      places[one.tag] = one.place.empty() ? ", which is gone" : ", now " + printable(one.place);
  return places;
}

int list(const RunView& run, bool json) {
  JsonMembers tags;
  std::map<std::string, std::string> elsewhere = whereabouts(run);
  std::set<std::string> unread;
  for (const auto& [name, id] : Marks(run.directory()).tags(&unread)) {
    tags.add(name, id.step);
    if (!json) std::cout << name << "  step " << id.step << elsewhere[name] << "\n";
  }
  for (const std::string& name : unread) {
    tags.add(name, nullptr);
    if (!json) std::cout << name << "  cannot be read\n";
  }
  const bool is_empty = tags.empty();
  if (json) print_json(tags.take());
  if (!json && is_empty) std::cout << printable(run.path()) << " has no tags\n";
  return kDone;
}

int remove(const RunView& run, const std::string& name) {
  if (!Marks(run.directory()).remove_tag(name))
    throw Error(ErrorKind::kNotFound, "the run has no tag '" + name + "'").at(run.path());
  std::cout << "removed the tag " << printable(name) << "\n";
  return kDone;
}

int tag(const RunView& run, std::int64_t step, const std::string& name) {
  tag_checkpoint(run, step, name);
  std::cout << printable(run.path()) << "@" << name << " is step " << step << "\n";
  return kDone;
}

int execute(const TagOptions& options) {
  const RunView run(options.run);
  if (options.removed) return remove(run, *options.removed);
  if (!options.step) return list(run, options.json);
  if (options.name.empty())
    throw Error(ErrorKind::kInvalidArgument, "STEP is given without NAME")
        .remedy("give both, or neither to list the tags");
  return tag(run, *options.step, options.name);
}

}  // namespace

Subcommand add_tag(CLI::App& app) {
  const auto options = std::make_shared<TagOptions>();
  CLI::App* const command = app.add_subcommand("tag", "Gives a checkpoint a name");
  command->formatter(std::make_shared<Help>("[OPTIONS] RUN [STEP NAME]", kContract));
  command->add_option("RUN", options->run, "The run's directory")->type_name("")->required();
  CLI::Option* const step = command->add_option("STEP", options->step, "The checkpoint's step")
                                ->type_name("")
                                ->transform(any_step());
  command->add_option("NAME", options->name, "The tag: letters, digits, '.', '_', '-'")
      ->type_name("");
  CLI::Option* const removed = command->add_option("--remove", options->removed, "Remove this tag")
                                   ->type_name("NAME")
                                   ->excludes(step);
  command->add_flag("--json", options->json, "List the tags as a JSON document")
      ->excludes(step)
      ->excludes(removed);
  return {command, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
