// An object of a JSON text, as the format reads it: nothing missing, nothing unknown. Internal to
// the library.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/json/document.h>

namespace holdfast::format {

// Every key must be asked for, and no other may be there unless unknown ones are ignored. `where`
// ("entry 3") and `path` are for messages; the value's document and `path` outlive this.
class JsonObject {
 public:
  JsonObject(JsonValue value, std::string where, const std::string& path);

  // The value of a key that must be there.
  JsonValue value(std::string_view key);
  std::optional<JsonValue> optional(std::string_view key);
  std::string text(std::string_view key);
  bool boolean(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t least = 0,
                       std::int64_t most = std::numeric_limits<std::int64_t>::max());
  JsonValue array(std::string_view key);
  JsonObject object(std::string_view key);

  // Error(kCorrupt) if a key was not asked for. Of at most 64 keys.
  void finish() const;

  // From here on keys that are not asked for may be there: here, and in every object that this one
  // gives.
  void ignore_unknown_keys() { ignores_unknown_keys_ = true; }
  // An element of an array of this object. `where` as above.
  JsonObject element(JsonValue value, std::string where) const;

  const JsonValue& elements() const { return value_; }  // of which the keys may be any

  Error wrong(const std::string& problem, ErrorKind kind = ErrorKind::kCorrupt) const;

 private:
  JsonValue value_;
  std::string where_;
  const std::string* path_;
  std::uint64_t asked_ = 0;  // a bit for each of the first 64 elements
  bool ignores_unknown_keys_ = false;
};

// The Error(kVersion) for a text with something that this Holdfast does not know. It waits for its
// expected() and found().
Error written_by_a_newer(const JsonObject& object);

// Refuses a text of another format (Error(kCorrupt)) or of a newer version (Error(kVersion)),
// before anything else of it is looked at. Returns its version.
std::int64_t check_format(JsonObject& object, const std::string& format, int version);

}  // namespace holdfast::format
