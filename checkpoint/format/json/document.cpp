#include <holdfast/checkpoint/format/json/document.h>

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include <holdfast/checkpoint/base/quotes.h>

namespace holdfast::format {

// Receives the parser's events and builds the document. Stops the parser at the first value that is
// not allowed.
class JsonBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  using Type = JsonDocument::Type;
  using Node = JsonDocument::Node;

  explicit JsonBuilder(JsonDocument& document) : document_(document) {}

  bool null() override {
    add(Type::kNull);
    return true;
  }
  bool boolean(bool value) override {
    add(Type::kBoolean).boolean = value;
    return true;
  }
  // The parser calls this for integers with a minus sign. -0 becomes a float: as an integer it
  // would lose its sign.
  bool number_integer(number_integer_t value) override {
    if (value == 0) return number_float(-0.0, {});
    add(Type::kInteger).integer = value;
    return true;
  }
  bool number_unsigned(number_unsigned_t value) override {
    const auto integer = static_cast<std::int64_t>(value);
    if (integer < 0) return number_float(static_cast<double>(value), {});
    add(Type::kInteger).integer = integer;
    return true;
  }
  bool number_float(number_float_t value, const string_t&) override {
    add(Type::kReal).real = value;
    return true;
  }
  bool string(string_t& value) override {
    const JsonDocument::Range range = append(value);
    add(Type::kText).range = range;
    return true;
  }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool key(string_t& name) override {
    key_ = append(name);
    return true;
  }
  bool start_object(std::size_t) override { return open(Type::kObject); }
  bool start_array(std::size_t) override { return open(Type::kArray); }
  bool end_array() override { return close(); }
  bool end_object() override {
    const std::uint32_t object = open_.back();
    close();
    return has_distinct_keys({&document_, object});
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return refuse("invalid JSON at byte " + std::to_string(position));
  }

  const std::string& refused() const { return refused_; }

 private:
  std::uint32_t size() const { return static_cast<std::uint32_t>(document_.nodes_.size()); }

  Node& add(Type type) {
    Node& node = document_.nodes_.emplace_back();
    node.type = type;
    node.key = std::exchange(key_, {});
    return node;
  }

  bool open(Type type) {
    if (open_.size() == kMaxJsonDepth) return refuse("values nested too deeply");
    open_.push_back(size());
    Node& node = add(type);
    node.range = {size(), size()};
    return true;
  }

  bool close() {
    document_.nodes_[open_.back()].range.end = size();
    open_.pop_back();
    return true;
  }

  JsonDocument::Range append(const std::string& text) {
    const auto begin = static_cast<std::uint32_t>(document_.characters_.size());
    document_.characters_ += text;
    return {begin, static_cast<std::uint32_t>(document_.characters_.size())};
  }

  bool has_distinct_keys(const JsonValue& object) {
    keys_.clear();
    for (const JsonValue element : object) keys_.push_back(element.key());
    std::sort(keys_.begin(), keys_.end());
    const auto twice = std::adjacent_find(keys_.begin(), keys_.end());
    return twice == keys_.end() || refuse("the key " + in_quotes(*twice) + " twice in one object");
  }

  bool refuse(std::string found) {
    refused_ = std::move(found);
    return false;
  }

  JsonDocument& document_;
  std::vector<std::uint32_t> open_;
  JsonDocument::Range key_;  // the key of the next value
  std::vector<std::string_view> keys_;
  std::string refused_;
};

namespace {

// An upper bound of the number of values in the text, whether or not it is valid JSON.
std::size_t value_count(std::string_view text) {
  const auto begins_value = [](char c) { return c == ',' || c == '[' || c == '{'; };
  return 1 + static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_value));
}

// Finds what the parser would accept although it is not JSON. It skips a byte order mark, and takes
// a byte of 0 for the end of the text, whatever follows. Valid JSON has neither, not even within a
// string. Returns what was found, or an empty text.
std::string lenience_needed(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) return "a byte order mark";
  const std::size_t zero = text.find('\0');
  return zero == std::string_view::npos ? "" : "a byte of 0 at byte " + std::to_string(zero);
}

}  // namespace

void check_size(ByteView text, std::size_t max_bytes, ErrorKind kind, const std::string& path) {
  if (text.size > max_bytes) {
    throw Error(kind, "the text is too large")
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

JsonDocument::JsonDocument(ByteView text, std::size_t max_bytes, const std::string& path) {
  check_size(text, max_bytes, ErrorKind::kCorrupt, path);
  const std::string_view characters = text.text();
  JsonBuilder builder(*this);
  std::string found = lenience_needed(characters);
  if (found.empty()) {
    if (nlohmann::json::sax_parse(characters.begin(), characters.end(), &builder)) return;
    found = builder.refused();
  }
  throw Error(ErrorKind::kCorrupt, "the text is damaged")
      .at(path)
      .expected("strict JSON")
      .found(found);
}

JsonValue JsonDocument::root() const& {
  return {this, 0};
}

double JsonValue::number() const {
  return type() == Type::kReal ? node().real : static_cast<double>(node().integer);
}

std::optional<std::int64_t> JsonValue::integer() const {
  if (type() != Type::kInteger) return std::nullopt;
  return node().integer;
}

std::string JsonValue::description() const {
  switch (type()) {
    case Type::kNull:
      return "null";
    case Type::kBoolean:
      return node().boolean ? "true" : "false";
    case Type::kInteger:
      return std::to_string(node().integer);
    case Type::kReal:
      return nlohmann::json(node().real).dump();
    case Type::kText:
      return in_quotes(text());
    case Type::kArray:
      return "a list";
    case Type::kObject:
      break;
  }
  return "an object";
}

}  // namespace holdfast::format
