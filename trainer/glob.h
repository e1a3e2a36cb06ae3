// Patterns on dotted names.
#pragma once

#include <string>

namespace holdfast::trainer {

// The whole text matches: '*' stands for any characters (dots and slashes too), '?' for one of
// them; everything else for itself. Takes at most pattern × text steps.
bool glob_matches(const std::string& pattern, const std::string& text);

}  // namespace holdfast::trainer
