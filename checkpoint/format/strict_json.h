// JSON as the format reads it: nothing twice, nothing deep, nothing unknown. Internal to format/.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/error.h>

namespace holdfast::format {

inline constexpr std::size_t kMaxJsonDepth = 8;
// Bounds the memory of a value, whatever its text: an empty list of three bytes takes 64.
inline constexpr std::size_t kMaxJsonValues = 16'000'000;

// Error(kind): larger than `max_bytes`, or of more than kMaxJsonValues values (commas within
// strings are taken for more). What is written is checked by it too, so that it can be read.
void check_size(ByteView text, std::size_t max_bytes, ErrorKind kind, const std::string& path);

// The value of a JSON text. Error(kCorrupt): not JSON (UTF-8, nothing behind it), refused by
// check_size, nested deeper than kMaxJsonDepth, or a key twice in one object.
nlohmann::json parse_strictly(ByteView text, std::size_t max_bytes, const std::string& path);

// An object of a text, of which every key must be asked for once, and no other may be there.
// `where`
// ("entry 3") and `path` are for messages; value and path must outlive this.
class JsonObject {
 public:
  JsonObject(const nlohmann::json& value, std::string where, const std::string& path);

  // The value of a key that must be there.
  const nlohmann::json& value(const char* key);
  const nlohmann::json* optional(const char* key);  // nullptr: not there
  std::string text(const char* key);
  std::int64_t integer(const char* key, std::int64_t least = 0,
                       std::int64_t most = std::numeric_limits<std::int64_t>::max());
  const nlohmann::json& array(const char* key);
  JsonObject object(const char* key);

  // Error(kCorrupt) if a key was not asked for.
  void finish() const;

  void for_each(
      const std::function<void(const std::string& key, const nlohmann::json& value)>& visit);

  Error wrong(const std::string& problem, ErrorKind kind = ErrorKind::kCorrupt) const;

 private:
  const nlohmann::json* value_;
  std::string where_;
  const std::string* path_;
  std::vector<std::string_view> asked_;
};

// Refuses a text of another format (Error(kCorrupt)) or of a newer version (Error(kVersion)),
// before anything else of it is looked at.
void check_format(JsonObject& object, const std::string& format, int version);

}  // namespace holdfast::format
