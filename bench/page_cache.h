// Puts files out of the page cache, or into it, so that reads are cold or warm.
#pragma once

#include <string>

namespace holdfast::bench {

// For a file, or for every file below a directory: fsync, then POSIX_FADV_DONTNEED. The next read
// then comes from the disk.
void drop_from_cache(const std::string& path);

// Reads the file, or every file below the directory, to the end.
void bring_into_cache(const std::string& path);

}  // namespace holdfast::bench
