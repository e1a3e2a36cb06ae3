// holdfast rm CHECKPOINT…
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_rm(CLI::App& app);

}  // namespace holdfast::tool
