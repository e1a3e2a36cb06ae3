// holdfast log RUN
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_log(CLI::App& app);

}  // namespace holdfast::tool
