#include <holdfast/checkpoint/format/catalog.h>

#include <algorithm>
#include <cstdio>
#include <limits>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::format {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();

Error does_not_fit(DType dtype, const Shape& shape) {
  return Error(ErrorKind::kCorrupt, "the bytes of a tensor don't fit into 63 bits")
      .found(std::string(name_of(dtype)) + " " + to_string(shape));
}

}  // namespace

bool Piece::operator==(const Piece& other) const {
  return shard == other.shard && offset == other.offset && bytes == other.bytes &&
         row == other.row && rows == other.rows;
}

bool Entry::operator==(const Entry& other) const {
  return name == other.name && kind == other.kind && dtype == other.dtype && shape == other.shape &&
         alias_of == other.alias_of && pieces == other.pieces;
}

bool Shard::operator==(const Shard& other) const {
  return header_bytes == other.header_bytes && file_bytes == other.file_bytes;
}

bool Catalog::operator==(const Catalog& other) const {
  return shards == other.shards && entries == other.entries;
}

std::uint64_t bytes_of(DType dtype, const Shape& shape) {
  const bool negative = std::any_of(shape.begin(), shape.end(), [](auto size) { return size < 0; });
  if (negative) throw does_not_fit(dtype, shape);
  if (std::find(shape.begin(), shape.end(), 0) != shape.end()) return 0;
  std::uint64_t bytes = size_of(dtype);
  for (std::int64_t size : shape) {
    if (bytes > kLargest / static_cast<std::uint64_t>(size)) throw does_not_fit(dtype, shape);
    bytes *= static_cast<std::uint64_t>(size);
  }
  return bytes;
}

std::uint64_t bytes_of(const Entry& entry) {
  const bool absent = entry.kind == Kind::kNone || entry.kind == Kind::kUndefined;
  return absent ? 0 : bytes_of(entry.dtype, entry.shape);
}

std::string to_string(const Shape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (i > 0) text += ", ";
    text += std::to_string(shape[i]);
  }
  return text + "]";
}

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::kTensor:
      return "tensor";
    case Kind::kScalar:
      return "scalar";
    case Kind::kText:
      return "text";
    case Kind::kNone:
      return "none";
    case Kind::kUndefined:
      return "undefined";
  }
  return "unknown";
}

std::string shard_file_name(int shard, int count) {
  char name[48];
  std::snprintf(name, sizeof name, "shard-%05d-of-%05d.h5", shard, count);
  return name;
}

}  // namespace holdfast::format
