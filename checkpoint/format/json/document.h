// The values of a JSON text, side by side in one piece of memory. Internal to the library.
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
// Bounds the memory of a document, whatever its text.
inline constexpr std::size_t kMaxJsonValues = 16'000'000;

// Error(kind): larger than `max_bytes`, or of more than kMaxJsonValues values (commas within
// strings are taken for more). What is written is checked by it too, so that it can be read.
void check_size(ByteView text, std::size_t max_bytes, ErrorKind kind, const std::string& path);

class JsonValue;

class JsonDocument {
 public:
  // Error(kCorrupt): not JSON (RFC 8259, in UTF-8 without a byte order mark; nothing but white
  // space around the value), refused by check_size, nested deeper than kMaxJsonDepth, a key twice
  // in one object, or a number that no 64-bit float has room for. `max_bytes` is less than 4 GiB.
  JsonDocument(ByteView text, std::size_t max_bytes, const std::string& path);

  JsonValue root() const&;  // refers to this
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
    Range key;  // of an object's element: where its key stands in the characters
    union {
      bool boolean;
      std::int64_t integer;
      double real;
      Range range = {};  // of a text: in the characters; of a container: its elements and theirs
    };
  };

  std::vector<Node> nodes_;  // the elements of a container stand behind it
  std::string characters_;
};

// One value of a document, which outlives it.
class JsonValue {
 public:
  bool is_null() const { return type() == Type::kNull; }
  bool is_boolean() const { return type() == Type::kBoolean; }
  bool is_text() const { return type() == Type::kText; }
  bool is_number() const { return type() == Type::kInteger || type() == Type::kReal; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_object() const { return type() == Type::kObject; }

  bool boolean() const { return node().boolean; }                     // of a boolean
  std::string_view text() const { return characters(node().range); }  // of a text
  double number() const;                                              // of a number
  std::optional<std::int64_t> integer() const;  // empty: no integer, or not one of 64 bits

  std::string_view key() const { return characters(node().key); }  // of an object's element

  // The elements of an array or an object, in their order.
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

  std::string description() const;  // for messages: short, and printable

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
