#include "rm_command.h"

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/store/run_store.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "help.h"
#include "keep/run_checkpoint.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "CHECKPOINT is a directory, or RUN@STEP, RUN@latest, RUN@best or RUN@TAG. One that is pinned "
    "or\n"
    "tagged is not removed, nor the last of its run without --last; nor any of a run that trains.\n"
    "Exit status: 0; 1 it could not be done; 2 bad usage.";

struct RmOptions {
  std::vector<std::string> checkpoints;
  bool last = false;
};

void check_may_go(const RunCheckpoint& found, const RunStore& store, bool last_may_go) {
  if (Marks(found.run.directory()).spares(found.directory, found.step))
    throw Error(ErrorKind::kExists, "the checkpoint is pinned or tagged")
        .at(found.directory.path())
        .remedy("holdfast unpin it, or take its tag away with holdfast tag --remove, first");
  if (store.steps().size() == 1 && !last_may_go)
    throw Error(ErrorKind::kExists, "this is the only checkpoint that the run has")
        .at(found.directory.path())
        .remedy("give --last to remove it, too");
}

int execute(const RmOptions& options) {
  for (const std::string& where : options.checkpoints) {
    const RunCheckpoint found = find_in_run(where);
    RunStore store(posix_file_system(), found.run.path());
    check_may_go(found, store, options.last);
    store.retire(found.step);
    Marks(found.run.directory()).clear_verified(found.step);
    std::cout << "removed " << found.run.path() << ", step " << found.step << "\n";
  }
  return kDone;
}

}  // namespace

Subcommand add_rm(CLI::App& app) {
  const auto options = std::make_shared<RmOptions>();
  CLI::App* const rm = app.add_subcommand("rm", "Removes checkpoints");
  rm->formatter(std::make_shared<Help>("[OPTIONS] CHECKPOINT...", kContract));
  rm->add_option("CHECKPOINT", options->checkpoints, "Checkpoints of runs")
      ->type_name("")
      ->required();
  rm->add_flag("--last", options->last, "Remove the last checkpoint of a run, too");
  return {rm, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
