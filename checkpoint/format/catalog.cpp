#include <holdfast/checkpoint/format/catalog.h>

#include <cstdio>

namespace holdfast::format {
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

std::uint64_t bytes_of(const Entry& entry) {
  const bool absent = !has_bytes(entry.kind);
  return absent ? 0 : bytes_of(entry.dtype, entry.shape);
}

std::string shard_file_name(int shard, int count) {
  char name[48];
  std::snprintf(name, sizeof name, "shard-%05d-of-%05d.h5", shard, count);
  return name;
}

}  // namespace holdfast::format
