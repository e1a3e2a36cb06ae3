#include <holdfast/checkpoint/log/event_history.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/json/document.h>
#include <holdfast/checkpoint/format/run_names.h>

namespace holdfast {
namespace {

constexpr std::size_t kReadBytes = 1 << 20;
constexpr std::size_t kMostLineBytes = 1 << 20;  // of a longer one nothing is wanted

// A number that is too large for an integer is none. Empty: a list or an object, which no event
// has.
std::optional<EventValue> to_value(const format::JsonValue& json) {
  if (json.is_text()) return std::string(json.text());
  if (json.is_boolean()) return json.boolean();
  if (const auto integer = json.integer()) return *integer;
  if (json.is_number()) return json.number();
  if (json.is_null()) return std::nan("");
  return std::nullopt;
}

std::optional<LoggedEvent> to_event(const format::JsonValue& json) {
  if (!json.is_object()) return std::nullopt;
  std::optional<std::string> time, name;
  LoggedEvent logged;
  for (const format::JsonValue element : json) {
    const std::string_view key = element.key();
    if (key == "time" || key == "event") {
      if (element.is_text()) (key == "time" ? time : name) = std::string(element.text());
    } else if (auto value = to_value(element)) {
      logged.event.fields.emplace_back(key, std::move(*value));
    }
  }
  if (!time || !name) return std::nullopt;
  logged.time = std::move(*time);
  logged.event.name = std::move(*name);
  return logged;
}

// Empty: no line of such a log.
std::optional<LoggedEvent> parse(std::string_view line, const std::string& path) {
  try {
    const format::JsonDocument document(ByteView(line.data(), line.size()), kMostLineBytes, path);
    return to_event(document.root());
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

const EventValue* LoggedEvent::find(const std::string& field) const {
  const auto found = std::find_if(event.fields.begin(), event.fields.end(),
                                  [&](const auto& entry) { return entry.first == field; });
  return found == event.fields.end() ? nullptr : &found->second;
}

std::optional<std::int64_t> LoggedEvent::integer(const std::string& field) const {
  const EventValue* const value = find(field);
  const auto* const integer = value == nullptr ? nullptr : std::get_if<std::int64_t>(value);
  return integer == nullptr ? std::nullopt : std::optional<std::int64_t>(*integer);
}

std::optional<double> LoggedEvent::number(const std::string& field) const {
  if (const auto whole = integer(field)) return static_cast<double>(*whole);
  const EventValue* const value = find(field);
  const auto* const real = value == nullptr ? nullptr : std::get_if<double>(value);
  return real == nullptr ? std::nullopt : std::optional<double>(*real);
}

std::string LoggedEvent::text(const std::string& field) const {
  const EventValue* const value = find(field);
  const auto* const text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? "" : *text;
}

std::vector<LoggedEvent> read_events(const Directory& run, std::string_view word) {
  std::vector<LoggedEvent> events;
  if (run.type_of(format::kEventsFile) != FileType::kRegular) return events;
  const File file = run.open_file(format::kEventsFile);
  std::string pending, part(kReadBytes, '\0');
  for (std::uint64_t offset = 0;;) {
    const std::size_t count = file.read_at(offset, {part.data(), part.size()});
    if (count == 0) break;
    offset += count;
    pending.append(part, 0, count);
    std::size_t begin = 0;
    for (std::size_t end; (end = pending.find('\n', begin)) != std::string::npos; begin = end + 1) {
      const std::string_view line = std::string_view(pending).substr(begin, end - begin);
      if (line.find(word) == std::string_view::npos) continue;
      if (auto event = parse(line, file.path())) events.push_back(std::move(*event));
    }
    pending.erase(0, begin);
    if (pending.size() > kMostLineBytes) pending.clear();  // its end is no JSON either
  }
  return events;
}

}  // namespace holdfast
