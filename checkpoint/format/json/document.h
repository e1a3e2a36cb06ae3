// A parsed JSON text, whose values lie side by side in one piece of memory. Internal to the
// library.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/error.h>

namespace holdfast::format {

inline constexpr std::size_t kMaxJsonDepth = 8;
// Limits the memory that a document can take, whatever its text.
inline constexpr std::size_t kMaxJsonValues = 16'000'000;

// Throws Error(kind) if the text has more than `max_bytes` bytes or seems to have more than
// kMaxJsonValues values (a comma within a string counts as one more value). Also called before a
// text is written, so that nothing is written that cannot be read.
void check_size(ByteView text, std::size_t max_bytes, ErrorKind kind, const std::string& path);

class JsonValue;

class JsonDocument {
 public:
  // Parses the text. Error(kCorrupt) if check_size() refuses it; if it is not strict JSON (RFC
  // 8259, in UTF-8 without a byte order mark, nothing but white space around the value); if it is
  // nested deeper than kMaxJsonDepth; if an object has a key twice; or if a number is too large for
  // a 64-bit float. `max_bytes` must be less than 4 GiB. `path` is for messages.
  JsonDocument(ByteView text, std::size_t max_bytes, const std::string& path);

  JsonValue root() const&;  // valid as long as this document
  JsonValue root() && = delete;

 private:
  friend class JsonBuilder;
  friend class JsonValue;
  enum class Type : std::uint8_t { kNull, kBoolean, kInteger, kReal, kText, kArray, kObject };
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  struct Node {
    Type type = Type::kNull;
    Range key;  // for an element of an object: where its key stands in characters_
    union {
      bool boolean;
      std::int64_t integer;
      double real;
      // For a text: where it stands in characters_. For an array or an object: the indices in
      // nodes_ of everything in it, at any depth.
      Range range = {};
    };
  };

  std::vector<Node> nodes_;  // an array or an object is followed by its elements
  std::string characters_;
};

// One value of a document. Valid as long as the document.
class JsonValue {
 public:
  bool is_null() const { return type() == Type::kNull; }
  bool is_boolean() const { return type() == Type::kBoolean; }
  bool is_text() const { return type() == Type::kText; }
  bool is_number() const { return type() == Type::kInteger || type() == Type::kReal; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_object() const { return type() == Type::kObject; }

  // Each of these three may be called only if the value has that type.
  bool boolean() const { return node().boolean; }
  std::string_view text() const { return characters(node().range); }
  double number() const;

  // Empty if the value is not an integer, or is one that does not fit into 64 bits with a sign.
  std::optional<std::int64_t> integer() const;
  // The key of a value that is an element of an object.
  std::string_view key() const { return characters(node().key); }

  // Goes through the elements of an array or an object, in their order.
  class Iterator {
   public:
    Iterator(const JsonDocument* document, std::uint32_t index)
        : document_(document), index_(index) {}
    JsonValue operator*() const { return {document_, index_}; }
    Iterator& operator++() {
      index_ = JsonValue(document_, index_).behind();
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const JsonDocument* document_;
    std::uint32_t index_;
  };
  Iterator begin() const { return {document_, node().range.begin}; }
  Iterator end() const { return {document_, node().range.end}; }

  std::string description() const;  // short and printable, for messages

 private:
  friend class JsonBuilder;
  friend class JsonDocument;
  using Type = JsonDocument::Type;

  JsonValue(const JsonDocument* document, std::uint32_t index)
      : document_(document), index_(index) {}
  const JsonDocument::Node& node() const { return document_->nodes_[index_]; }
  Type type() const { return node().type; }
  std::uint32_t behind() const { return is_array() || is_object() ? node().range.end : index_ + 1; }
  std::string_view characters(JsonDocument::Range range) const {
    return std::string_view(document_->characters_).substr(range.begin, range.end - range.begin);
  }

  const JsonDocument* document_;
  std::uint32_t index_;
};

}  // namespace holdfast::format
