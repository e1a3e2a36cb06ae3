// holdfast pin CHECKPOINT…, holdfast unpin CHECKPOINT…
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_pin(CLI::App& app);
Subcommand add_unpin(CLI::App& app);

}  // namespace holdfast::tool
