#include <holdfast/checkpoint/format/strict_json.h>

#include <algorithm>
#include <utility>

#include <holdfast/checkpoint/format/utf8.h>

namespace holdfast::format {
namespace {

using nlohmann::json;

// Builds the value from the parser's events, and stops the parser at the first that is not allowed.
class Builder : public nlohmann::json_sax<json> {
 public:
  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool start_object(std::size_t) override { return open(json::object()); }
  bool start_array(std::size_t) override { return open(json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    const auto [at, is_new] = open_.back()->emplace(name, nullptr);
    slot_ = &*at;
    return is_new || refuse("the key " + in_quotes(name) + " twice in one object");
  }

  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse("no JSON at byte " + std::to_string(position));
  }

  json take() { return std::move(root_); }
  const std::string& refused() const { return refused_; }

 private:
  bool add(json value) {
    place(std::move(value));
    return true;
  }

  bool open(json container) {
    if (open_.size() == kMaxJsonDepth) return refuse("values nested too deeply");
    open_.push_back(&place(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  // References stay valid: only the innermost open container grows.
  json& place(json value) {
    if (open_.empty()) return root_ = std::move(value);
    json& container = *open_.back();
    if (container.is_object()) return *slot_ = std::move(value);
    container.push_back(std::move(value));
    return container.back();
  }

  bool refuse(std::string found) {
    refused_ = std::move(found);
    return false;
  }

  json root_;
  std::vector<json*> open_;
  json* slot_ = nullptr;  // of the key that was read last
  std::string refused_;
};

// What a text of JSON has at most, whether or not it is strict.
std::size_t value_count(std::string_view text) {
  const auto begins_value = [](char c) { return c == ',' || c == '[' || c == '{'; };
  return 1 + static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_value));
}

}  // namespace

void check_size(ByteView text, std::size_t max_bytes, ErrorKind kind, const std::string& path) {
  if (text.size > max_bytes) {
    throw Error(kind, "the text is too large for what it is")
        .at(path)
        .expected(std::to_string(max_bytes) + " bytes at most")
        .found(std::to_string(text.size));
  }
  if (text.size <= kMaxJsonValues) return;
  const std::size_t count = value_count(text.text());
  if (count <= kMaxJsonValues) return;
  throw Error(kind, "the text has too many values")
      .at(path)
      .expected(std::to_string(kMaxJsonValues) + " at most")
      .found(std::to_string(count));
}

json parse_strictly(ByteView text, std::size_t max_bytes, const std::string& path) {
  check_size(text, max_bytes, ErrorKind::kCorrupt, path);
  Builder builder;
  const std::string_view characters = text.text();
  if (!json::sax_parse(characters.begin(), characters.end(), &builder)) {
    throw Error(ErrorKind::kCorrupt, "the text is damaged")
        .at(path)
        .expected("strict JSON")
        .found(builder.refused());
  }
  return builder.take();
}

JsonObject::JsonObject(const json& value, std::string where, const std::string& path)
    : value_(&value), where_(std::move(where)), path_(&path) {
  if (!value.is_object()) throw wrong("not an object");
}

const json& JsonObject::value(const char* key) {
  const json* found = optional(key);
  if (found == nullptr) throw wrong("the key \"" + std::string(key) + "\" is missing");
  return *found;
}

const json* JsonObject::optional(const char* key) {
  const auto at = value_->find(key);
  if (at == value_->end()) return nullptr;
  asked_.push_back(key);
  return &*at;
}

std::string JsonObject::text(const char* key) {
  const json& found = value(key);
  if (!found.is_string()) throw wrong("\"" + std::string(key) + "\" is no string");
  return found.get<std::string>();
}

std::int64_t JsonObject::integer(const char* key, std::int64_t least, std::int64_t most) {
  const json& found = value(key);
  constexpr auto kLargest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const bool fits = found.is_number_unsigned() ? found.get<std::uint64_t>() <= kLargest
                                               : found.is_number_integer();
  const std::int64_t number = fits ? found.get<std::int64_t>() : 0;
  if (!fits || number < least || number > most) {
    throw wrong("\"" + std::string(key) + "\" is no number that it can be")
        .expected("an integer from " + std::to_string(least) + " to " + std::to_string(most))
        .found(found.dump(-1, ' ', true).substr(0, 64));
  }
  return number;
}

const json& JsonObject::array(const char* key) {
  const json& found = value(key);
  if (!found.is_array()) throw wrong("\"" + std::string(key) + "\" is no array");
  return found;
}

JsonObject JsonObject::object(const char* key) {
  return JsonObject(value(key), where_ + ", \"" + key + "\"", *path_);
}

void JsonObject::finish() const {
  for (const auto& item : value_->items()) {
    if (std::find(asked_.begin(), asked_.end(), item.key()) == asked_.end()) {
      throw wrong("the key " + in_quotes(item.key()) + " is unknown");
    }
  }
}

void JsonObject::for_each(
    const std::function<void(const std::string& key, const json& value)>& visit) {
  for (const auto& item : value_->items()) visit(item.key(), item.value());
}

Error JsonObject::wrong(const std::string& problem, ErrorKind kind) const {
  return Error(kind, where_ + ": " + problem).at(*path_);
}

void check_format(JsonObject& object, const std::string& format, int version) {
  if (object.text("format") != format) {
    throw object.wrong("not a " + format)
        .expected("\"format\": \"" + format + "\"")
        .found(in_quotes(object.text("format")));
  }
  const std::int64_t found = object.integer("version", 1);
  if (found <= version) return;
  throw object.wrong("written by a newer Holdfast", ErrorKind::kVersion)
      .expected("version " + std::to_string(version) + " or older")
      .found("version " + std::to_string(found))
      .remedy("read it with the Holdfast that wrote it, or a newer one");
}

}  // namespace holdfast::format
