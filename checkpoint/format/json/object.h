// Reads an object of a JSON text strictly: a missing key and an unknown key are both errors.
// Internal to the library.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/json/document.h>

namespace holdfast::format {

// The caller asks for every key that it knows and then calls finish(), which refuses all other
// keys, unless unknown keys are ignored. The functions throw Error(kCorrupt) if a value is missing,
// has another type or is out of range. `where` ("entry 3") and `path` are for messages. The value's
// document and `path` must outlive this object.
class JsonObject {
 public:
  JsonObject(JsonValue value, std::string where, const std::string& path);

  JsonValue value(std::string_view key);                    // of any type
  std::optional<JsonValue> optional(std::string_view key);  // empty if there is no such key
  std::string text(std::string_view key);
  bool boolean(std::string_view key);
  std::int64_t integer(std::string_view key, std::int64_t least = 0,
                       std::int64_t most = std::numeric_limits<std::int64_t>::max());
  JsonValue array(std::string_view key);
  JsonObject object(std::string_view key);

  // Error(kCorrupt) if the object has a key that was not asked for, or more than 64 keys.
  void finish() const;

  // From here on finish() accepts keys that were not asked for, in this object and in every object
  // that this one returns.
  void ignore_unknown_keys() { ignores_unknown_keys_ = true; }
  // An element of an array of this object. `where` as above.
  JsonObject element(JsonValue value, std::string where) const;

  const JsonValue& elements() const { return value_; }  // for an object whose keys may be any

  // The error that says what is wrong with this object. The caller throws it.
  Error wrong(const std::string& problem, ErrorKind kind = ErrorKind::kCorrupt) const;

 private:
  JsonValue value_;
  std::string where_;
  const std::string* path_;
  std::uint64_t asked_ = 0;  // bit i is set if the i-th of the first 64 keys was asked for
  bool ignores_unknown_keys_ = false;
};

// The Error(kVersion) for a text with something that this Holdfast does not know. The caller adds
// expected() and found().
Error written_by_a_newer(const JsonObject& object);

// Checks the keys "format" and "version", before any other key is read. Returns the version.
// Error(kCorrupt) for another format, Error(kVersion) for a version newer than `version`.
std::int64_t check_format(JsonObject& object, const std::string& format, int version);

}  // namespace holdfast::format
