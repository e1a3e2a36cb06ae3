// What stays from save to save while the structure of the state does: built once, written again
// byte for byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/catalog_text.h>
#include <holdfast/checkpoint/format/index_shapes.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/item/source.h>

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

// How items differ from those that a skeleton was built from.
struct StructureChange {
  bool steady_fits = true;  // nothing but what varies is other, or more, or less
  // Of the steady shards: entries that are other or gone, and what has gained an alias.
  std::vector<std::string> unsteady;
  std::size_t added = 0;           // names that were not there
  bool in_order = true;            // no name is added, gone, or at another place
  std::vector<std::size_t> was;    // of each item: which entry it was; kNone: it is new
  std::vector<std::size_t> other;  // items that vary, and are new or other than they were

  static constexpr std::size_t kNone = SIZE_MAX;
};

class Skeleton {
 public:
  // `varying`: names of items that are expected to differ from save to save. They, and what is tied
  // to them, lie in one shard more.
  Skeleton(const std::vector<Item>& items, int shards,
           const std::unordered_set<std::string>& varying = {});

  // True if the items have the names, kinds, dtypes, shapes and ties that this was built from.
  bool fits(const std::vector<Item>& items) const;
  StructureChange change_to(const std::vector<Item>& items) const;
  // Makes it that of other items, of which the steady ones fit. It has a varying shard, whose
  // header is built anew. After an exception it is of no use any more.
  void adapt(const std::vector<Item>& items, const StructureChange& change);

  const std::vector<ShardSkeleton>& shards() const { return shards_; }
  const format::Catalog& catalog() const { return catalog_; }
  bool has_varying_shard() const { return has_varying_shard_; }
  std::size_t varying_count() const { return varying_count_; }  // of entries, aliases included
  // Both are brought up to date when they are asked for: not on a thread that is waited for. The
  // index is built at the first call, and after names have changed, which takes as long as all the
  // rest; other shapes are put into the one that is there. By several threads at once.
  // Error(kUnsupported): the text is larger than a catalog may be.
  const std::string& catalog_text() const;
  const std::vector<std::byte>& index() const;
  int index_builds() const { return index_builds_; }  // so far
  std::uint64_t bytes() const;                        // of all shard files
  // Approximate memory used. Until the index is built, includes what libhdf5 needs to build it.
  // Must not be called while index() builds it.
  std::uint64_t memory_bytes() const;

  // Writes the image of bytes [offset, offset + to.size) of a shard file: header, payload copied
  // from the items' sources, zeros between. `items` fit. May be called by several threads at once.
  void fill(std::size_t shard, std::uint64_t offset, ByteSpan to,
            const std::vector<Item>& items) const;

 private:
  void take_names(const std::vector<Item>& items, const StructureChange& change);
  void lay_out_varying();
  void note_other_text(std::vector<std::size_t> was);
  bool set_index_shapes() const;

  std::vector<bool> varies_;  // the entries of the last shard
  std::size_t varying_count_;
  bool has_varying_shard_;
  std::vector<ShardSkeleton> shards_;
  format::Catalog catalog_;
  std::uint64_t memory_of_structure_;

  mutable std::mutex mutex_;  // guards the rest
  mutable format::CatalogText text_;
  // Where the text is not that of the catalog: which of its entries each is, as update() takes it.
  mutable std::optional<std::vector<std::size_t>> text_was_;
  mutable std::vector<std::byte> index_;
  mutable bool index_has_names_ = false;          // it has the names and kinds of the catalog
  mutable std::vector<std::size_t> other_shape_;  // entries that the catalog has with another
  mutable std::optional<format::IndexShapes> index_shapes_;
  mutable int index_builds_ = 0;
};

}  // namespace holdfast
