#include <holdfast/trainer/glob.h>

#include <cstddef>

namespace holdfast::trainer {

// On a mismatch, goes back to the last star and lets it match one character more. Going back to an
// earlier star could match nothing that this does not.
bool glob_matches(const std::string& pattern, const std::string& text) {
  std::size_t p = 0, t = 0, after_star = std::string::npos, star_end = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_end = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (after_star != std::string::npos) {
      p = after_star;
      t = ++star_end;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace holdfast::trainer
