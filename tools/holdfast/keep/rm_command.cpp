#include "rm_command.h"

#include <holdfast/checkpoint/base/exit_status.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "command/help.h"
#include "keep/removal.h"

namespace holdfast::tool {
namespace {

constexpr const char* kContract =
    "CHECKPOINT is a directory, or RUN@STEP, RUN@latest, RUN@best or RUN@TAG. Refused, before\n"
    "anything is removed, if one of them is pinned or tagged, if its run is training, or,\n"
    "without --last, if it is the last checkpoint of its run.\n"
    "Exit status: 0 done; 1 it could not be done; 2 bad usage.";

struct RmOptions {
  std::vector<std::string> checkpoints;
  bool last = false;
};

int execute(const RmOptions& options) {
  std::vector<RunCheckpoint> found;
  for (const std::string& where : options.checkpoints) found.push_back(find_in_run(where));
  remove_checkpoints(found, options.last, [](const std::string& run, std::int64_t step) {
    std::cout << "removed " << printable(run) << ", step " << step << "\n";
  });
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
  rm->add_flag("--last", options->last, "Also remove the last checkpoint of a run");
  return {rm, [options] { return execute(*options); }};
}

}  // namespace holdfast::tool
