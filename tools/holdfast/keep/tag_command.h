// holdfast tag RUN [STEP NAME]
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_tag(CLI::App& app);

}  // namespace holdfast::tool
