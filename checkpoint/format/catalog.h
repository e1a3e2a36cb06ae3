// The catalog: the structure of a checkpoint, that is which entries it has and where their bytes
// lie. It holds nothing that changes from step to step, so it is the same bytes in every checkpoint
// until the structure of the state changes. docs/format.md, "Catalog".
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/item/dtype.h>
#include <holdfast/checkpoint/item/kind.h>
#include <holdfast/checkpoint/item/shape.h>

namespace holdfast::format {

// Rows [row, row + rows) of an entry along its first dimension, stored at `offset` of a shard file.
// An entry of shape [] has one row. An entry has at most one piece in each shard, and an entry of
// no bytes has exactly one piece in all.
struct Piece {
  int shard = 0;
  std::uint64_t offset = 0;  // from the start of the file; 0 for a piece of no bytes
  std::uint64_t bytes = 0;
  std::int64_t row = 0;
  std::int64_t rows = 1;

  bool operator==(const Piece& other) const;
};

struct Entry {
  std::string name;  // joined and escaped (names.h); "a" and "a/b" cannot both be entries
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  // Not empty for an alias: the name of the entry that is the same tensor. That entry is no alias.
  std::string alias_of;
  std::vector<Piece> pieces;  // in row order, without gap or overlap; an alias has none

  bool operator==(const Entry& other) const;
};

// The unit of header and file sizes. Pieces of kLargePieceBytes or more start on a page.
inline constexpr std::uint64_t kPageBytes = 4096;
inline constexpr std::uint64_t kLargePieceBytes = 64 << 10;

// The sizes of a shard file: [header | payload], each a multiple of 4096 bytes.
struct Shard {
  std::uint64_t header_bytes = 0;
  std::uint64_t file_bytes = 0;

  bool operator==(const Shard& other) const;
};

struct Catalog {
  std::vector<Shard> shards;   // at least one
  std::vector<Entry> entries;  // in the order they were captured; names are unique

  bool operator==(const Catalog& other) const;
};

// The size of an entry in bytes. Error(kCorrupt) if it does not fit into 63 bits.
std::uint64_t bytes_of(const Entry& entry);

// Names of files in a checkpoint directory.
std::string shard_file_name(int shard, int count);            // "shard-00000-of-00002.h5"
inline constexpr std::uint64_t kMaxCatalogBytes = 256 << 20;  // a larger text is refused
inline constexpr const char* kIndexFile = "index.h5";
inline constexpr const char* kCatalogFile = "catalog.json";
inline constexpr const char* kManifestFile = "manifest.json";

// To and from JSON text. Neither does I/O; `path` is for messages. decode_catalog() checks
// everything that is promised above, and that the pieces of each shard lie behind the shard's
// header, within its size, and do not overlap. It throws Error(kCorrupt) if something is wrong, and
// Error(kVersion) for a newer format or a piece whose encoding is not "raw". encode() throws
// Error(kInvalidArgument) for a catalog that decode_catalog() would refuse, and Error(kUnsupported)
// if the text is too large.
std::string encode(const Catalog& catalog);
Catalog decode_catalog(ByteView text, const std::string& path);

}  // namespace holdfast::format
