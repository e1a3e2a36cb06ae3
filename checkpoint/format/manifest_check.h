// What a manifest promises, checked. Internal to format/.
#pragma once

#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {

// The first thing that is wrong is thrown as an Error(kind); `path` is for messages.
void check(const Manifest& manifest, ErrorKind kind, const std::string& path);

}  // namespace holdfast::format
