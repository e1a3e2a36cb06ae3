// A number on the command line, within its bounds.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string>

namespace holdfast::tool {

// Both included; integers where the variable is one. CLI::Range would let NaN pass, and puts itself
// into the help.
inline CLI::Validator between(int low, int high) {
  return CLI::Validator(
      [low, high](const std::string& text) -> std::string {
        char* end = nullptr;
        const double value = std::strtod(text.c_str(), &end);
        if (end != text.c_str() && *end == '\0' && value >= low && value <= high) return "";
        return "expected a number from " + std::to_string(low) + " to " + std::to_string(high) +
               ", found " + text;
      },
      "");
}

}  // namespace holdfast::tool
