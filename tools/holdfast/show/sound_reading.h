// Reading what is sound of a checkpoint that is damaged.
#pragma once

#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <functional>
#include <string>
#include <vector>

#include "shown.h"

namespace holdfast::tool {

// Calls `read` with all of the entries; where Error(kCorrupt) says that some are damaged, with some
// of them at a time, until it has succeeded for all but those that share a block with damage, or
// are of a file that is. These are marked as damaged. Returns the words of the first such Error;
// empty: all are sound.
std::string read_what_is_sound(const CheckpointFiles& files, std::vector<ShownEntry*> entries,
                               const std::function<void(const std::vector<ShownEntry*>&)>& read);

}  // namespace holdfast::tool
