// Texts that come from a file, as messages show them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast::format {

using holdfast::is_utf8;
using holdfast::printable;
using holdfast::utf8_sequence;

// The text, made printable and put in quotes. Of a text longer than 512 bytes the beginning and
// "…".
std::string in_quotes(std::string_view text);

// The first 8 texts, each as in_quotes() gives it, with commas between them. Ends with "…" if there
// are more.
std::string list_in_quotes(const std::vector<std::string>& texts);

}  // namespace holdfast::format
