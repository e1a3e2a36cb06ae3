// Checks that a manifest is what manifest.h promises. Internal to format/.
#pragma once

#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {

// True if the text can name an optional part of the format or a kind of file: 1 to 64 lower-case
// letters, digits and '-', the first of them a letter.
bool is_part_name(std::string_view name);

// Throws an Error(kind) for the first thing that is wrong; `path` is for messages.
void check(const Manifest& manifest, ErrorKind kind, const std::string& path);

}  // namespace holdfast::format
