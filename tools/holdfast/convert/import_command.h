// holdfast import [OPTIONS] FILE --to DIR
#pragma once

#include "command/subcommand.h"

namespace holdfast::tool {

Subcommand add_import(CLI::App& app);

}  // namespace holdfast::tool
