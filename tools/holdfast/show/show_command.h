// holdfast show [OPTIONS] CHECKPOINT|RUN [PATTERN]
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_show(CLI::App& app);

}  // namespace holdfast::tool
