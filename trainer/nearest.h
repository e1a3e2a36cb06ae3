// "Did you mean …?"
#pragma once

#include <string>
#include <vector>

namespace holdfast::trainer {

// The candidate that takes the fewest insertions, deletions, substitutions and swaps of neighbours
// to get from `word` (the first of several), if those are few enough for a slip: at most a third of
// the word's length, rounded up. Otherwise "".
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace holdfast::trainer
