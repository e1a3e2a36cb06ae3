// holdfast run [OPTIONS] -- COMMAND [ARGUMENT…]
#pragma once

#include <string>
#include <vector>

#include "command/subcommand.h"

namespace holdfast::tool {

// `command` holds the words behind "--".
Subcommand add_run(CLI::App& app, std::vector<std::string> command);

}  // namespace holdfast::tool
