// Options that all subcommands have that read checkpoints.
#pragma once

#include <holdfast/checkpoint/base/cores.h>

#include <CLI/CLI.hpp>

#include "between.h"

namespace holdfast::tool {

struct ReadingOptions {
  int threads = core_count();
  bool json = false;
};

// Adds --threads N and --json. `options` must live until the command line has been parsed.
inline void add_reading_options(CLI::App& command, ReadingOptions& options) {
  command
      .add_option("--threads", options.threads,
                  "Threads that read and verify; by default, and at most, one a core")
      ->type_name("N")
      ->transform(between(1, 1024));
  command.add_flag("--json", options.json, "Print one JSON document, for scripts");
}

}  // namespace holdfast::tool
