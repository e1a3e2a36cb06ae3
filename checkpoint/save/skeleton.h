// What stays from save to save while the structure of the state does: built once, written again
// byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/once.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/save/source.h>

namespace holdfast {

// Where bytes of an item lie in a shard file.
struct Extent {
  std::uint64_t offset;         // in the file
  std::uint64_t bytes;          // more than 0
  std::size_t item;             // index into the items
  std::uint64_t source_offset;  // in the bytes of the item
};

struct ShardSkeleton {
  std::string file_name;
  std::uint64_t file_bytes;
  std::vector<std::byte> header;
  std::vector<Extent> extents;  // by offset, behind the header, without overlap
};

class Skeleton {
 public:
  Skeleton(const std::vector<Item>& items, int shards);

  // True if the items have the names, kinds, dtypes, shapes and ties that this was built from.
  bool fits(const std::vector<Item>& items) const;

  const std::vector<ShardSkeleton>& shards() const { return shards_; }
  const format::Catalog& catalog() const { return catalog_; }
  const std::string& catalog_text() const { return catalog_text_; }
  // Built at the first call, which takes as long as all the rest: not on a thread that is waited
  // for. By several threads at once.
  const std::vector<std::byte>& index() const;
  std::uint64_t bytes() const;  // of all shard files
  // That this takes, about; as long as there is no index, with what libhdf5 takes to build it. Not
  // while index() is built.
  std::uint64_t memory_bytes() const;

  // Writes the image of bytes [offset, offset + to.size) of a shard file: header, payload copied
  // from the items' sources, zeros between. `items` fit. May be called by several threads at once.
  void fill(std::size_t shard, std::uint64_t offset, ByteSpan to,
            const std::vector<Item>& items) const;

 private:
  format::Catalog catalog_;
  std::vector<ShardSkeleton> shards_;
  std::string catalog_text_;
  std::uint64_t memory_without_index_ = 0;
  mutable Once index_built_;
  mutable std::vector<std::byte> index_;
};

}  // namespace holdfast
