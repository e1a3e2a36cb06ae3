#include "pin_command.h"

#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>
#include <holdfast/checkpoint/run/mark_checkpoint.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "command/help.h"
#include "keep/run_checkpoint.h"

namespace holdfast::tool {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kContract =
    "CHECKPOINT is a directory, or RUN@STEP, RUN@latest, RUN@best or RUN@TAG. The run may be\n"
    "training meanwhile.\n"
    "Exit status: 0 done; 1 it could not be done; 2 bad usage.";

std::string name_of(const RunView& run, std::int64_t step) {
  return printable(run.path()) + ", step " + std::to_string(step);
}

int pin(const Words& checkpoints) {
  for (const std::string& where : checkpoints) {
    const RunCheckpoint found = find_in_run(where);
    pin_checkpoint(found.run, found.step);
    std::cout << "pinned " << name_of(found.run, found.step) << "\n";
  }
  return kDone;
}

int unpin(const Words& checkpoints) {
  for (const std::string& where : checkpoints) {
    const RunStep found = find_step(where);
    const bool was_pinned = Marks(found.run.directory()).unpin(found.step);
    std::cout << (was_pinned ? "unpinned " : "not pinned: ") << name_of(found.run, found.step)
              << "\n";
  }
  return kDone;
}

Subcommand add(CLI::App& app, const char* name, const char* description,
               int (*execute)(const Words&)) {
  const auto checkpoints = std::make_shared<Words>();
  CLI::App* const command = app.add_subcommand(name, description);
  command->formatter(std::make_shared<Help>("[OPTIONS] CHECKPOINT...", kContract));
  command->add_option("CHECKPOINT", *checkpoints, "Checkpoints of runs")->type_name("")->required();
  return {command, [checkpoints, execute] { return execute(*checkpoints); }};
}

}  // namespace

Subcommand add_pin(CLI::App& app) {
  return add(app, "pin", "Protects a checkpoint from its run's retention", pin);
}

Subcommand add_unpin(CLI::App& app) {
  return add(app, "unpin", "Lets the run's retention remove a pinned checkpoint again", unpin);
}

}  // namespace holdfast::tool
