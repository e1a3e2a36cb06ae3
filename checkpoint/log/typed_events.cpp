#include <holdfast/checkpoint/log/typed_events.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace holdfast::events {
namespace {

template <typename Value>
constexpr std::string_view kTypeName = "text";
template <>
constexpr std::string_view kTypeName<std::int64_t> = "integer";
template <>
constexpr std::string_view kTypeName<double> = "number";
template <>
constexpr std::string_view kTypeName<bool> = "flag";

template <typename Kind, typename Value>
FieldEntry entry_of(const Field<Kind, std::optional<Value>>& field) {
  return {field.name, kTypeName<Value>, field.meaning, field.unit,
          [](const EventValue& value) { return value_as<Value>(value).has_value(); }};
}

template <typename Kind>
Entry entry_of() {
  Entry entry{Kind::kWords, {}};
  for_each_field<Kind>([&](const auto& field) { entry.fields.push_back(entry_of(field)); });
  return entry;
}

template <typename... Kinds>
std::vector<Entry> entries_of(const std::tuple<Kinds...>* /*the table, for its type*/) {
  return {entry_of<Kinds>()...};
}

// The value of a field of the table. nullptr: the event has none that says anything.
const EventValue* find_value(const Event& event, const FieldEntry& field) {
  const auto found = std::find_if(event.fields.begin(), event.fields.end(),
                                  [&](const auto& one) { return one.first == field.name; });
  if (found == event.fields.end() || !field.accepts(found->second)) return nullptr;
  const EventValue& value = found->second;
  const auto* const step = std::get_if<std::int64_t>(&value);
  if (field.unit == Unit::kStep && step != nullptr && *step < 0) return nullptr;
  if (value == EventValue(std::string()) || value == EventValue(false)) return nullptr;
  return &value;
}

struct Part {
  std::string text;
  bool is_whole = true;  // no field of it is missing
};

// Puts values where the template, which has no brackets, names their fields.
Part fill(std::string_view part, const Event& event, const Entry& entry, const ValueText& text) {
  Part filled;
  for (;;) {
    const std::size_t open = std::min(part.find('{'), part.size());
    filled.text += part.substr(0, open);
    if (open == part.size()) return filled;
    const std::size_t close = part.find('}', open);
    const std::string_view name = part.substr(open + 1, close - open - 1);
    const auto field = std::find_if(entry.fields.begin(), entry.fields.end(),
                                    [&](const FieldEntry& one) { return one.name == name; });
    const EventValue* const value = find_value(event, *field);
    if (value == nullptr) {
      filled.is_whole = false;
      if (field->unit == Unit::kStep) filled.text += "an unknown step";
    } else if (!std::holds_alternative<bool>(*value)) {
      filled.text += text(field->unit, *value);
    }
    part.remove_prefix(close + 1);
  }
}

// Of what stands between brackets, "a" or "a|b".
std::string choose(std::string_view part, const Event& event, const Entry& entry,
                   const ValueText& text) {
  const std::size_t bar = std::min(part.find('|'), part.size());
  Part first = fill(part.substr(0, bar), event, entry, text);
  if (first.is_whole) return std::move(first.text);
  return bar == part.size() ? "" : fill(part.substr(bar + 1), event, entry, text).text;
}

std::string as_it_stands(const Event& event, const ValueText& text) {
  std::string told = event.name;
  for (const auto& [name, value] : event.fields)
    told += ", " + name + " " + text(Unit::kNone, value);
  return told;
}

}  // namespace

const std::vector<Entry>& entries() {
  static const std::vector<Entry> all = entries_of(static_cast<const Table*>(nullptr));
  return all;
}

const Entry* find_entry(std::string_view name) {
  const auto& all = entries();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const Entry& one) { return one.words.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::string sentence_of(const Event& event, const ValueText& text) {
  const Entry* const entry = find_entry(event.name);
  if (entry == nullptr) return as_it_stands(event, text);
  std::string told;
  for (std::string_view rest = entry->words.sentence; !rest.empty();) {
    const std::size_t open = std::min(rest.find('['), rest.size());
    told += fill(rest.substr(0, open), event, *entry, text).text;
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const std::size_t close = rest.find(']');
    told += choose(rest.substr(1, close - 1), event, *entry, text);
    rest.remove_prefix(close + 1);
  }
  return told;
}

}  // namespace holdfast::events
