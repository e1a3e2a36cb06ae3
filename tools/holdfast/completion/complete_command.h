// holdfast complete LINE: lists how the line may go on. Used by holdfast.bash; not in the help.
#pragma once

#include <string>
#include <vector>

#include "command/subcommand.h"

namespace holdfast::tool {

// `app` must outlive the subcommand. It may get more subcommands later: they are completed too.
Subcommand add_complete(CLI::App& app);

// What the last word of `line`, which ends at the cursor, could become: a subcommand, an option of
// the subcommand, or, behind "RUN@", a step or a tag of the run. Empty if the word may be the name
// of a file: bash completes those itself.
std::vector<std::string> completions(const CLI::App& app, const std::string& line);

}  // namespace holdfast::tool
