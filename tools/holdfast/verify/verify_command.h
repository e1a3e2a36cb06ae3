// holdfast verify [OPTIONS] CHECKPOINT|RUN
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_verify(CLI::App& app);

}  // namespace holdfast::tool
