// holdfast ls RUN
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_ls(CLI::App& app);

}  // namespace holdfast::tool
