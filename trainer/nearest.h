// Finds the word for "did you mean …?".
#pragma once

#include <string>
#include <vector>

namespace holdfast::trainer {

// Returns the candidate that takes the fewest edits to make from `word`; of several, the first. An
// edit inserts, deletes or replaces a character, or swaps two neighbours. Returns "" if it takes
// more edits than a third of the word's length, rounded up: then it is no mistyped word.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace holdfast::trainer
