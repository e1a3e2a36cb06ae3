// Takes checkpoints away from their runs.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "keep/run_checkpoint.h"

namespace holdfast::tool {

// Removes them, each once, and calls `removed` with the run and the step after each; none before
// all may go. Error(kExists) for one that is pinned or tagged, and, without `last_may_go`, if the
// run would be left without any, or would lose all that are complete (members.h); kCorrupt while a
// tag of the run cannot be read; kLocked while it trains.
void remove_checkpoints(const std::vector<RunCheckpoint>& checkpoints, bool last_may_go,
                        const std::function<void(const std::string&, std::int64_t)>& removed,
                        std::shared_ptr<FileSystem> fs = posix_file_system());

}  // namespace holdfast::tool
