// holdfast export [OPTIONS] CHECKPOINT|RUN --to FILE
#pragma once

#include "subcommand.h"

namespace holdfast::tool {

Subcommand add_export(CLI::App& app);

}  // namespace holdfast::tool
