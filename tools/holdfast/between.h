// A number on the command line, within its bounds.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <limits>
#include <string>
#include <system_error>
#include <type_traits>

namespace holdfast::tool {

// For transform() of an option: decimal, both bounds included. A Number is an integer where the
// variable is one, and is then handed on without its zeros in front: CLI11 would read "040" as
// octal, and take "0x20". CLI::Range would let NaN pass, and puts itself into the help.
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

// Of a checkpoint. Directories have it with zeros in front, tables with separators, which are
// refused.
inline CLI::Validator any_step() {
  return between<std::int64_t>(0, std::numeric_limits<std::int64_t>::max());
}

}  // namespace holdfast::tool
