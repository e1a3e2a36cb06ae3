// events.jsonl, read back.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/log/events.h>

namespace holdfast {

// A line of the log.
struct LoggedEvent {
  std::string time;  // "2026-01-31T12:00:00.000Z"
  Event event;       // null is NaN

  const EventValue* find(const std::string& field) const;  // nullptr: it has none
  std::optional<std::int64_t> integer(const std::string& field) const;
  std::optional<double> number(const std::string& field) const;  // also of an integer
  std::string text(const std::string& field) const;              // empty: none
};

// In the order of the file. What is no line of such a log (cut off by a crash, written by somebody
// else) is passed over. Empty where there is no file. Memory: a part of the file at a time, and
// what is returned. With `word`: only lines that have it somewhere are looked into.
std::vector<LoggedEvent> read_events(const Directory& run, std::string_view word = "");

}  // namespace holdfast
