// holdfast diff [OPTIONS] A B
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_diff(CLI::App& app);

}  // namespace holdfast::tool
