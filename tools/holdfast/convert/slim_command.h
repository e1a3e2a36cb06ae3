// holdfast slim [OPTIONS] CHECKPOINT|RUN --to DIR
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_slim(CLI::App& app);

}  // namespace holdfast::tool
