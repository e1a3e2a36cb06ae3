// Reads the sound entries of a damaged checkpoint.
#pragma once

#include <holdfast/checkpoint/load/checkpoint_files.h>

#include <functional>
#include <string>
#include <vector>

#include "shown.h"

namespace holdfast::tool {

// Calls `read` with all entries. If it throws Error(kCorrupt), calls it again with fewer entries at
// a time, until it has succeeded for all entries but those that share a block, or a file, with the
// damage. Sets is_damaged of these. Returns the message of the first such Error; empty if all
// entries are sound. Other errors are thrown.
std::string read_what_is_sound(const CheckpointFiles& files, std::vector<ShownEntry*> entries,
                               const std::function<void(const std::vector<ShownEntry*>&)>& read);

}  // namespace holdfast::tool
