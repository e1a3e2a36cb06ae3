// What of a checkpoint depends on the structure of the state alone: the catalog, the headers of the
// shards, and the index. Built once, and written byte for byte with each save.
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
#include <holdfast/checkpoint/format/hdf5/index_shapes.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast {

// A range of a shard file that holds bytes of an item.
struct Extent {
  std::uint64_t offset;         // in the file
  std::uint64_t bytes;          // more than 0
  std::size_t item;             // index into the items
  std::uint64_t source_offset;  // in the bytes of the item
};

struct ShardSkeleton {
  std::string file_name;
  std::uint64_t file_bytes;
  std::vector<std::byte> header;  // HDF5 metadata; in front of all data
  std::vector<Extent> extents;    // by offset, behind the header, without overlap
};

// How items differ from those that a skeleton was built from. Entries that vary lie in a shard of
// their own; all others are steady.
struct StructureChange {
  bool steady_fits = true;  // the steady entries are the same, in the same order
  // Steady entries that have changed, gained an alias, or gone.
  std::vector<std::string> unsteady;
  std::size_t added = 0;           // items whose names are new
  bool in_order = true;            // the names are the same, in the same order
  std::vector<std::size_t> was;    // for each item, the index of its entry; kNone: its name is new
  std::vector<std::size_t> other;  // indices of items that vary and are new or have changed

  static constexpr std::size_t kNone = SIZE_MAX;
};

class Skeleton {
 public:
  // `varying` has the names of items that are expected to differ from save to save. These, and what
  // is tied to them, lie in one more shard. Errors are those of plan() and format::lay_out_shard().
  Skeleton(const std::vector<Item>& items, int shards,
           const std::unordered_set<std::string>& varying = {});

  // Whether the items have the names, kinds, dtypes, shapes and ties that this was built from.
  bool fits(const std::vector<Item>& items) const;
  StructureChange change_to(const std::vector<Item>& items) const;
  // Makes it the skeleton of these items. Builds only the header of the varying shard anew.
  // Preconditions: has_varying_shard(), and `change` is change_to(items), with steady_fits. After
  // an exception it must not be used any more.
  void adapt(const std::vector<Item>& items, const StructureChange& change);

  const std::vector<ShardSkeleton>& shards() const { return shards_; }
  const format::Catalog& catalog() const { return catalog_; }
  bool has_varying_shard() const { return has_varying_shard_; }
  std::size_t varying_count() const { return varying_count_; }  // of entries, aliases included
  // Both bring up to date what they return, so do not call them on a thread that training waits
  // for. index() builds the index at the first call and when names have changed, which takes as
  // long as building all the rest; changed shapes are put into the index that is there. May be
  // called by several threads at once. Error(kUnsupported): the text is larger than a catalog may
  // be.
  const std::string& catalog_text() const;
  const std::vector<std::byte>& index() const;
  int index_builds() const { return index_builds_; }  // so far
  std::uint64_t bytes() const;                        // of all shard files
  // Approximate memory used. Until the index is built, includes what libhdf5 needs to build it.
  // Must not be called while index() builds it.
  std::uint64_t memory_bytes() const;

  // Writes bytes [offset, offset + to.size) of a shard file: its header, the data copied from the
  // items' sources, and zeros between. Throws what a source throws. May be called by several
  // threads at once. Precondition: fits(items).
  void fill(std::size_t shard, std::uint64_t offset, ByteSpan to,
            const std::vector<Item>& items) const;

 private:
  void take_names(const std::vector<Item>& items, const StructureChange& change);
  void lay_out_varying();
  void note_other_text(std::vector<std::size_t> was);
  bool set_index_shapes() const;

  std::vector<bool> varies_;  // by entry: it lies in the varying shard, which is the last
  std::size_t varying_count_;
  bool has_varying_shard_;
  std::vector<ShardSkeleton> shards_;
  format::Catalog catalog_;
  std::uint64_t memory_of_structure_;

  mutable std::mutex mutex_;  // guards the rest
  mutable format::CatalogText text_;
  // Set if the text is not that of the catalog: for each entry, which entry of the text it was, as
  // CatalogText::update() takes it.
  mutable std::optional<std::vector<std::size_t>> text_was_;
  mutable std::vector<std::byte> index_;
  mutable bool index_has_names_ = false;          // the index has the catalog's names and kinds
  mutable std::vector<std::size_t> other_shape_;  // entries whose shapes in the index are outdated
  mutable std::optional<format::IndexShapes> index_shapes_;
  mutable int index_builds_ = 0;
};

}  // namespace holdfast
