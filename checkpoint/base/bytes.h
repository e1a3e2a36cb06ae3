// Views of bytes that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace holdfast {

// A read-only view of bytes; valid while the memory behind it is.
struct ByteView {
  const std::byte* data = nullptr;
  std::size_t size = 0;

  ByteView() = default;
  ByteView(const void* bytes, std::size_t count)
      : data(static_cast<const std::byte*>(bytes)), size(count) {}
  ByteView(const std::vector<std::byte>& bytes)  // NOLINT(google-explicit-constructor)
      : data(bytes.data()), size(bytes.size()) {}
  explicit ByteView(std::string_view text) : ByteView(text.data(), text.size()) {}

  ByteView slice(std::size_t offset, std::size_t count) const { return {data + offset, count}; }
  std::string_view text() const { return {reinterpret_cast<const char*>(data), size}; }
};

// A writable view of bytes; valid while the memory behind it is.
struct ByteSpan {
  std::byte* data = nullptr;
  std::size_t size = 0;

  ByteSpan() = default;
  ByteSpan(void* bytes, std::size_t count) : data(static_cast<std::byte*>(bytes)), size(count) {}
  ByteSpan(std::vector<std::byte>& bytes)  // NOLINT(google-explicit-constructor)
      : data(bytes.data()), size(bytes.size()) {}

  ByteSpan slice(std::size_t offset, std::size_t count) const { return {data + offset, count}; }
  operator ByteView() const { return {data, size}; }  // NOLINT(google-explicit-constructor)
};

// `value` rounded up to a multiple of `unit`, which must be a power of two.
constexpr std::uint64_t round_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) & ~(unit - 1);
}

}  // namespace holdfast
