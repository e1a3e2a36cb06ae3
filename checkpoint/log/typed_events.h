// Events as the table has them: written with their types, read with their types, told in words.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

#include <holdfast/checkpoint/log/event_table.h>
#include <holdfast/checkpoint/log/events.h>

namespace holdfast::events {

template <typename Kind, typename Table>
inline constexpr bool is_one_of = false;
template <typename Kind, typename... Kinds>
inline constexpr bool is_one_of<Kind, std::tuple<Kinds...>> = (std::is_same_v<Kind, Kinds> || ...);

// Calls visit() with each Field of the kind.
template <typename Kind, typename Visitor>
void for_each_field(const Visitor& visit) {
  static_assert(is_one_of<Kind, Table>, "add it to Table, in event_table.h");
  std::apply([&](const auto&... fields) { (visit(fields), ...); }, Kind::fields());
}

// The event, with the fields that have a value, in the order of the table.
template <typename Kind>
Event to_event(const Kind& kind) {
  Event event{Kind::kWords.name, {}};
  for_each_field<Kind>([&](const auto& field) {
    if (const auto& value = kind.*field.member) event.fields.emplace_back(field.name, *value);
  });
  return event;
}

// The value as that type; empty: it has another. An integer is a number as well.
template <typename Value>
std::optional<Value> value_as(const EventValue& value) {
  if (const auto* const same = std::get_if<Value>(&value)) return *same;
  if constexpr (std::is_same_v<Value, double>)
    if (const auto* const whole = std::get_if<std::int64_t>(&value))
      return static_cast<double>(*whole);
  return std::nullopt;
}

template <typename Kind>
bool is(const Event& event) {
  static_assert(is_one_of<Kind, Table>, "add it to Table, in event_table.h");
  return event.name == Kind::kWords.name;
}

// Empty: it is another event. A field that it does not have, or has as another type, is empty; what
// the table does not know is passed over.
template <typename Kind>
std::optional<Kind> from_event(const Event& event) {
  if (!is<Kind>(event)) return std::nullopt;
  Kind kind;
  for_each_field<Kind>([&](const auto& field) {
    using Value = typename std::decay_t<decltype(kind.*field.member)>::value_type;
    for (const auto& [name, value] : event.fields) {
      if (name != field.name) continue;
      kind.*field.member = value_as<Value>(value);
      return;
    }
  });
  return kind;
}

// A field of the table, whatever its type.
struct FieldEntry {
  std::string_view name, type, meaning;  // type: "integer", "number", "flag" or "text"
  Unit unit;
  bool (*accepts)(const EventValue&);  // whether the value has the type
};

// An event of the table.
struct Entry {
  Words words;
  std::vector<FieldEntry> fields;
};

const std::vector<Entry>& entries();             // in the order of the table
const Entry* find_entry(std::string_view name);  // nullptr: the table does not know the event

// How a value is written out.
using ValueText = std::function<std::string(Unit, const EventValue&)>;

// The sentence of the event. One that the table does not know is told as it stands: its name, and
// each field with its value. The values are not made printable.
std::string sentence_of(const Event& event, const ValueText& text);

}  // namespace holdfast::events
