// Makes reads cold, or warm.
#pragma once

#include <string>

namespace holdfast::bench {

// Of a file, or of every file below a directory: fsync, then POSIX_FADV_DONTNEED, so that the next
// read comes from the disk.
void drop_from_cache(const std::string& path);

// Reads it once, to the end.
void bring_into_cache(const std::string& path);

}  // namespace holdfast::bench
