// Makes and prints the JSON documents of --json.
#pragma once

#include <holdfast/checkpoint/format/json/members.h>
#include <holdfast/checkpoint/inspect/small_values.h>

#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>
#include <variant>

namespace holdfast::tool {

using Json = nlohmann::ordered_json;
using format::JsonMembers;

// A number, or the text "NaN", "Infinity" or "-Infinity", as in manifests.
inline Json json_number(double value) {
  if (value != value) return "NaN";
  if (value - value != 0) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

// The value of a scalar or a text; null for all others.
inline Json json_value(const SmallValue& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using Held = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<Held, std::monostate>) return nullptr;
        if constexpr (std::is_same_v<Held, double>) return json_number(held);
        if constexpr (!std::is_same_v<Held, std::monostate>) return held;
      },
      value);
}

// An object with a member for each name.
inline Json json_numbers(const std::map<std::string, double>& numbers) {
  JsonMembers members;
  for (const auto& [name, number] : numbers) members.add(name, json_number(number));
  return members.take();
}

// Prints the document to the standard output, indented. Bytes that are not UTF-8 become U+FFFD.
inline void print_json(const Json& document) {
  std::cout << document.dump(2, ' ', false, Json::error_handler_t::replace) << "\n";
}

}  // namespace holdfast::tool
