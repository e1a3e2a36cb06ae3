// A checkpoint under another name, also where the file system renames no directories.
#pragma once

#include <cstdint>
#include <string>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Renames the checkpoint's directory, as Directory::rename() does. A file system that does not
// rename directories (EXDEV: those of an overlay's lower layer, as of a container's image; of
// another quota, or another subvolume) gets a copy under the new name, and the old one is removed.
// Such a copy takes space and time. A process that is killed leaves no part of one under `to_name`,
// but it may leave one under a name as pending_directory_name() makes them in `to`.
// The rename is durable after sync() of both directories, a copy when this returns. What is neither
// a file nor a directory is not copied: where one is in the checkpoint, and where the copy or the
// removal fails, the Error says what to do by hand.
void move_checkpoint(const Directory& from, const std::string& name, const Directory& to,
                     const std::string& to_name, std::int64_t step);

}  // namespace holdfast
