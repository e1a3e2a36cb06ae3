// holdfast report RUN
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_report(CLI::App& app);

}  // namespace holdfast::tool
