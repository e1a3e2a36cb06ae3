// What a manifest promises, checked. Internal to format/.
#pragma once

#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {

// Whether it can name an optional part of the format, or a kind of file: 1 to 64 lower-case
// letters, digits and '-', a letter first.
bool is_part_name(std::string_view name);

// The first thing that is wrong is thrown as an Error(kind); `path` is for messages.
void check(const Manifest& manifest, ErrorKind kind, const std::string& path);

}  // namespace holdfast::format
