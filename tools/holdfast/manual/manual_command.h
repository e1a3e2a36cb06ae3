// holdfast manual [--of SUBCOMMAND]: the manual page, for the build, which makes a file of each.
// Not in the help.
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

// `app` outlives the subcommand, and gets all others.
Subcommand add_manual(CLI::App& app);

}  // namespace holdfast::tool
