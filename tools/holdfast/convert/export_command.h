// holdfast export [OPTIONS] CHECKPOINT|RUN --to FILE
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_export(CLI::App& app);

}  // namespace holdfast::tool
