// Removes checkpoints from their runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "keep/run_checkpoint.h"

namespace holdfast::tool {

// Removes the checkpoints and calls `removed` with the path of the run and the step after each.
// Checks all of them before it removes the first. Error(kExists) if one is pinned or tagged, and,
// unless `last_may_go`, if a run would lose its last checkpoint or its last complete one.
// Error(kCorrupt) if a tag of a run cannot be read; Error(kLocked) if a run is training.
void remove_checkpoints(const std::vector<RunCheckpoint>& checkpoints, bool last_may_go,
                        const std::function<void(const std::string&, std::int64_t)>& removed,
                        std::shared_ptr<FileSystem> fs = posix_file_system());

}  // namespace holdfast::tool
