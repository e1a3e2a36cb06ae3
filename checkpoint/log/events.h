// events.jsonl: what happened to a run, for people and their tools.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// The alternatives are spelled with their types: std::int64_t{3}, std::string("a").
using EventValue = std::variant<std::int64_t, double, bool, std::string>;

// A field may not be called "time" or "event", nor twice the same: the first counts.
struct Event {
  std::string name;  // "save", "resume"…
  std::vector<std::pair<std::string, EventValue>> fields;
};

// One line, without its end: {"time": …, "event": …, the fields in their order}. NaN and infinities
// become null, bytes that are not UTF-8 the replacement character.
std::string to_json_line(const Event& event, const std::string& time);

// Appends events to <run>/events.jsonl, a line each in one write. Advisory: outside of the commit,
// not fsynced, and a failure to write fails nothing else. A line that a crash cut off is ended
// before the next, so a reader skips lines that are not JSON. Methods may be called by several
// threads at once.
class EventLog {
 public:
  explicit EventLog(const Directory& run) noexcept;

  void append(const Event& event) noexcept;
  // The failure of the last append or, if the file could not be opened, of that; empty: none.
  std::optional<std::string> last_error() const;

 private:
  void write(const std::string& line);

  mutable std::mutex mutex_;
  std::optional<File> file_;
  std::optional<std::string> last_error_;
};

}  // namespace holdfast
