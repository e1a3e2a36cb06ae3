// holdfast tag RUN [STEP NAME]
#pragma once

#include "subcommand.h"

namespace holdfast::tool {

Subcommand add_tag(CLI::App& app);

}  // namespace holdfast::tool
