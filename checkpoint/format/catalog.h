// The catalog: the structure of a checkpoint. It holds nothing that changes from step to step, so
// that it is written again byte for byte while the structure of the state stays. docs/format.md,
// "Catalog".
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

// Rows [row, row + rows) of an entry along its first dimension, at `offset` of a shard file. An
// entry of shape [] counts as one row. An entry has one piece at most in a shard, and an entry of
// no bytes exactly one piece in all.
struct Piece {
  int shard = 0;
  std::uint64_t offset = 0;  // from the start of the file; 0 for a piece of no bytes
  std::uint64_t bytes = 0;
  std::int64_t row = 0;
  std::int64_t rows = 1;

  bool operator==(const Piece& other) const;
};

struct Entry {
  std::string name;  // joined and escaped: names.h; no other entry's name continues it with '/'
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  std::string alias_of;       // not empty: the same tensor as that entry, which is no alias itself
  std::vector<Piece> pieces;  // in row order, without gap or overlap; none for an alias

  bool operator==(const Entry& other) const;
};

// A file of the checkpoint that holds pieces: [header | payload], both multiples of 4096 bytes.
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

// The bytes of an entry. Error(kCorrupt) if they don't fit into 63 bits.
std::uint64_t bytes_of(const Entry& entry);

// Names of files in a checkpoint directory.
std::string shard_file_name(int shard, int count);            // "shard-00000-of-00002.h5"
inline constexpr std::uint64_t kMaxCatalogBytes = 256 << 20;  // a larger text is refused
inline constexpr const char* kIndexFile = "index.h5";
inline constexpr const char* kCatalogFile = "catalog.json";
inline constexpr const char* kManifestFile = "manifest.json";

// JSON text. decode checks everything that this header promises, and that pieces lie behind the
// header and inside the file and don't overlap; what is wrong is an Error(kCorrupt), a newer format
// or an encoding of a piece other than "raw" an Error(kVersion). encode refuses
// (Error(kInvalidArgument)) a catalog that decode would refuse. `path` is for messages. Neither
// does I/O.
std::string encode(const Catalog& catalog);
Catalog decode_catalog(ByteView text, const std::string& path);

}  // namespace holdfast::format
