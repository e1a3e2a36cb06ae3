// holdfast gc RUN
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_gc(CLI::App& app);

}  // namespace holdfast::tool
