// Numbers as text, independent of the locale.
#pragma once

#include <array>
#include <charconv>
#include <string>

namespace holdfast::text {

// The shortest text that reads back as the same number.
inline std::string number_text(double value) {
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

}  // namespace holdfast::text
