// Moves a checkpoint to another name, even on a file system that cannot rename directories.
#pragma once

#include <cstdint>
#include <string>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Renames the checkpoint's directory from/name to to/to_name, as Directory::rename() does. If the
// file system cannot rename it (EXDEV: it lies in the lower layer of an overlay, as in a
// container's image, or `to` has another project quota or is another subvolume), it is copied to
// the new name and then removed from the old one. That takes space and time.
//
// A rename is durable after sync() of both directories; a copy is durable when this function
// returns. If the process is killed while it copies, nothing incomplete is left under `to_name`;
// `to` may keep a directory with a name of pending_directory_name(). `step` is used for that name.
// A checkpoint that contains anything but files and directories is not copied. If copying or
// removing fails, the Error says what to do by hand.
void move_checkpoint(const Directory& from, const std::string& name, const Directory& to,
                     const std::string& to_name, std::int64_t step);

}  // namespace holdfast
