// holdfast complete LINE: what could come next, for holdfast.bash. Not in the help.
#pragma once

#include <string>
#include <vector>

#include "subcommand.h"

namespace holdfast::tool {

// `app` outlives the subcommand, and gets all others.
Subcommand add_complete(CLI::App& app);

// Words that the last one of the line, up to the cursor, could become: subcommands, options of the
// subcommand, and behind "RUN@" the run's steps and tags. Nothing where that is a file's name.
std::vector<std::string> completions(const CLI::App& app, const std::string& line);

}  // namespace holdfast::tool
