#include <holdfast/checkpoint/inspect/small_values.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

#include <holdfast/checkpoint/base/number_text.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/base/utf8.h>

namespace holdfast {
namespace {

struct InWords {
  std::string operator()(std::monostate) const { return "none"; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return number_text(value); }
  std::string operator()(const std::string& value) const { return value; }
};

template <typename T>
T read_as(ByteView bytes) {
  T value;
  std::memcpy(&value, bytes.data, sizeof value);
  return value;
}

SmallValue scalar_of(DType dtype, ByteView bytes) {
  if (dtype == DType::kInt64) return read_as<std::int64_t>(bytes);
  if (dtype == DType::kFloat64) return read_as<double>(bytes);
  return read_as<std::uint8_t>(bytes) != 0;
}

// The bytes to read for a request.
ByteRequest wanted(const SmallValueRequest& request, std::uint64_t longest_text) {
  const std::uint64_t size = format::bytes_of(*request.entry);
  if (request.entry->kind == Kind::kScalar) return {request.entry, nullptr, 0, size};
  if (request.entry->kind != Kind::kText) return {request.entry, nullptr, 0, 0};
  const std::uint64_t from = size <= longest_text ? 0 : request.from;
  return {request.entry, nullptr, from, std::min(longest_text, size - from)};
}

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// Removes the incomplete characters that a cut may have left at both ends.
std::string_view whole_characters(std::string_view text) {
  constexpr std::size_t kLongest = 4;  // a character has at most 4 bytes
  for (std::size_t i = 1; i < kLongest && !text.empty() && continues_character(text[0]); ++i)
    text.remove_prefix(1);
  std::size_t last = text.size();
  for (std::size_t i = 0; i < kLongest && last > 0; ++i)
    if (!continues_character(text[--last])) break;
  const bool is_whole = utf8_sequence(text.substr(last)) == text.size() - last;
  return is_whole ? text : text.substr(0, last);
}

std::string shortened(const ByteRequest& read, std::string_view text) {
  const std::uint64_t size = format::bytes_of(*read.entry);
  if (read.bytes == size) return std::string(text);
  const std::string whole(whole_characters(text));
  return (read.offset > 0 ? "…" : "") + whole + (read.offset + read.bytes < size ? "…" : "");
}

SmallValue value_of(const ByteRequest& read, ByteView bytes) {
  if (read.entry->kind == Kind::kScalar) return scalar_of(read.entry->dtype, bytes);
  if (read.entry->kind == Kind::kText) return shortened(read, bytes.text());
  return {};
}

}  // namespace

std::string to_string(const SmallValue& value) {
  return std::visit(InWords(), value);
}

std::vector<SmallValue> read_small_values(const CheckpointFiles& files,
                                          const std::vector<SmallValueRequest>& requests,
                                          int threads, std::uint64_t longest_text) {
  std::vector<ByteRequest> reads;
  std::vector<std::vector<std::byte>> bytes;
  std::vector<SpanSink> sinks;
  reads.reserve(requests.size());
  bytes.reserve(requests.size());
  sinks.reserve(requests.size());
  for (const SmallValueRequest& request : requests) {
    ByteRequest& read = reads.emplace_back(wanted(request, longest_text));
    bytes.emplace_back(read.bytes);
    read.sink = &sinks.emplace_back(ByteSpan(bytes.back()));
  }
  files.read_bytes(reads, threads);
  std::vector<SmallValue> values;
  for (std::size_t i = 0; i < reads.size(); ++i) values.push_back(value_of(reads[i], bytes[i]));
  return values;
}

}  // namespace holdfast
