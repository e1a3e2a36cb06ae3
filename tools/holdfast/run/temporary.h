// Finds a place for temporary files.
#pragma once

#include <string>

namespace holdfast::tool {

// The directory for temporary files: $TMPDIR, or else /tmp. Error(kNotFound) if there is none.
std::string temporary_directory();

}  // namespace holdfast::tool
