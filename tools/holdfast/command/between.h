// Checks that an argument on the command line is a number within bounds.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <type_traits>

namespace holdfast::tool {

// Pass the result to an option's transform(). Accepts decimal numbers from `low` to `high`, both
// included. Use an integer type for Number if the option's variable has one: whole numbers are
// handed on without leading zeros, since CLI11 would read "040" as octal; "0x20" is refused.
// CLI::Range is not used because it accepts NaN and adds a text to the help.
template <typename Number>
CLI::Validator between(Number low, Number high) {
  const auto check = [low, high](std::string& text) -> std::string {
    Number value{};
    const char* const end = text.data() + text.size();
    const auto [rest, failure] = std::from_chars(text.data(), end, value);
    constexpr bool kIsWhole = std::is_integral_v<Number>;
    if (failure != std::errc() || rest != end || !(value >= low && value <= high))
      return "expected a " + std::string(kIsWhole ? "whole " : "") + "number from " +
             std::to_string(static_cast<std::int64_t>(low)) + " to " +
             std::to_string(static_cast<std::int64_t>(high)) + ", without separators, found " +
             text;
    if (kIsWhole) text = std::to_string(value);
    return "";
  };
  return CLI::Validator(check, "");
}

// Accepts any step of a checkpoint. Leading zeros, as names of directories have them, are allowed;
// separators, as in the tool's tables, are refused.
inline CLI::Validator any_step() {
  return between<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
}

}  // namespace holdfast::tool
