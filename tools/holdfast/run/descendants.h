// The processes that a process has started, and those that they have.
#pragma once

#include <sys/types.h>

#include <optional>

namespace holdfast::tool {

// From now on what loses its parent, below this process, becomes its child, also where it has left
// its session and its group.
void adopt_descendants();

// Kills (SIGKILL) the children of this process and waits for them, until there is none: with
// adopt_descendants() also theirs, and so on. One that it has no right to kill is left. Returns the
// status of `one`, as waitpid(2) has it, if that was among them.
std::optional<int> end_descendants(pid_t one);

}  // namespace holdfast::tool
