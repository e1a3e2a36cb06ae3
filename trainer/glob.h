// Matches dotted names with patterns.
#pragma once

#include <string>

namespace holdfast::trainer {

// True if the pattern matches the whole text. '*' matches any characters, also none, also dots and
// slashes; '?' matches any one character; all others match themselves. Takes time proportional to
// the length of the pattern times that of the text.
bool glob_matches(const std::string& pattern, const std::string& text);

}  // namespace holdfast::trainer
