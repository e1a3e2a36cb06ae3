// Checks that a manifest is what manifest.h promises. Internal to format/.
#pragma once

#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {

// Throws an Error(kind) for the first thing that is wrong; `path` is for messages.
void check(const Manifest& manifest, ErrorKind kind, const std::string& path);

}  // namespace holdfast::format
