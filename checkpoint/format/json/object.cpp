#include <holdfast/checkpoint/format/json/object.h>

#include <utility>

#include <holdfast/checkpoint/base/quotes.h>

namespace holdfast::format {
namespace {

constexpr int kMostKeys = 64;

}  // namespace

JsonObject::JsonObject(JsonValue value, std::string where, const std::string& path)
    : value_(value), where_(std::move(where)), path_(&path) {
  if (!value.is_object()) throw wrong("not an object");
}

JsonValue JsonObject::value(std::string_view key) {
  const auto found = optional(key);
  if (!found) throw wrong("the key \"" + std::string(key) + "\" is missing");
  return *found;
}

std::optional<JsonValue> JsonObject::optional(std::string_view key) {
  int i = 0;
  for (const JsonValue element : value_) {
    if (i == kMostKeys) break;
    if (element.key() == key) {
      asked_ |= std::uint64_t{1} << i;
      return element;
    }
    ++i;
  }
  return std::nullopt;
}

std::string JsonObject::text(std::string_view key) {
  const JsonValue found = value(key);
  if (!found.is_text()) throw wrong("\"" + std::string(key) + "\" is not a string");
  return std::string(found.text());
}

bool JsonObject::boolean(std::string_view key) {
  const JsonValue found = value(key);
  if (!found.is_boolean()) throw wrong("\"" + std::string(key) + "\" is not true or false");
  return found.boolean();
}

std::int64_t JsonObject::integer(std::string_view key, std::int64_t least, std::int64_t most) {
  const JsonValue found = value(key);
  const auto number = found.integer();
  if (number && *number >= least && *number <= most) return *number;
  throw wrong("\"" + std::string(key) + "\" is not an integer in its range")
      .expected("an integer from " + std::to_string(least) + " to " + std::to_string(most))
      .found(found.description());
}

JsonValue JsonObject::array(std::string_view key) {
  const JsonValue found = value(key);
  if (!found.is_array()) throw wrong("\"" + std::string(key) + "\" is not an array");
  return found;
}

JsonObject JsonObject::object(std::string_view key) {
  return element(value(key), where_ + ", \"" + std::string(key) + "\"");
}

JsonObject JsonObject::element(JsonValue value, std::string where) const {
  JsonObject object(value, std::move(where), *path_);
  object.ignores_unknown_keys_ = ignores_unknown_keys_;
  return object;
}

void JsonObject::finish() const {
  if (ignores_unknown_keys_) return;
  int i = 0;
  for (const JsonValue element : value_) {
    const bool was_asked = i < kMostKeys && (asked_ >> i & 1) != 0;
    if (!was_asked) throw wrong("the key " + in_quotes(element.key()) + " is unknown");
    ++i;
  }
}

Error JsonObject::wrong(const std::string& problem, ErrorKind kind) const {
  return Error(kind, where_ + ": " + problem).at(*path_);
}

Error written_by_a_newer(const JsonObject& object) {
  return object.wrong("written by a newer Holdfast", ErrorKind::kVersion)
      .remedy("read it with the Holdfast that wrote it, or a newer one");
}

std::int64_t check_format(JsonObject& object, const std::string& format, int version) {
  if (object.text("format") != format) {
    throw object.wrong("not a " + format)
        .expected("\"format\": \"" + format + "\"")
        .found(in_quotes(object.text("format")));
  }
  const std::int64_t found = object.integer("version", 1);
  if (found <= version) return found;
  throw written_by_a_newer(object)
      .expected("version " + std::to_string(version) + " or older")
      .found("version " + std::to_string(found));
}

}  // namespace holdfast::format
