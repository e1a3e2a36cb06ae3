// The subcommands. Each is in a source file of its own.
#pragma once

#include "arguments.h"

namespace holdfast::bench {

Subcommand add_save(CLI::App& app);
Subcommand add_load(CLI::App& app);
Subcommand add_stall(CLI::App& app);
Subcommand add_small(CLI::App& app);
Subcommand add_shards(CLI::App& app);
Subcommand add_floor(CLI::App& app);
Subcommand add_copy(CLI::App& app);
Subcommand add_serve(CLI::App& app);

}  // namespace holdfast::bench
