#include <holdfast/checkpoint/save/skeleton.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include <holdfast/checkpoint/format/shard.h>
#include <holdfast/checkpoint/save/plan.h>

namespace holdfast {
namespace {

std::vector<std::vector<Extent>> extents_by_shard(const format::Catalog& catalog) {
  std::vector<std::vector<Extent>> extents(catalog.shards.size());
  for (std::size_t i = 0; i < catalog.entries.size(); ++i) {
    std::uint64_t source_offset = 0;
    for (const format::Piece& piece : catalog.entries[i].pieces) {
      if (piece.bytes > 0)
        extents[static_cast<std::size_t>(piece.shard)].push_back(
            {piece.offset, piece.bytes, i, source_offset});
      source_offset += piece.bytes;
    }
  }
  for (auto& shard : extents)
    std::sort(shard.begin(), shard.end(),
              [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  return extents;
}

std::uint64_t memory_of(const format::Catalog& catalog) {
  std::uint64_t total = 0;
  for (const format::Entry& entry : catalog.entries)
    total += sizeof entry + entry.name.capacity() + entry.alias_of.capacity() +
             entry.shape.capacity() * sizeof(std::int64_t) +
             entry.pieces.capacity() * sizeof(format::Piece);
  return total;
}

std::uint64_t memory_of(const std::vector<ShardSkeleton>& shards) {
  std::uint64_t total = 0;
  for (const ShardSkeleton& shard : shards)
    total += shard.header.capacity() + shard.extents.capacity() * sizeof(Extent);
  return total;
}

// At most, as measured with HDF5 1.10.8 to 2.2: what is in libhdf5's cache of metadata takes many
// times what it does in the file, and the cache holds about so many entries.
std::uint64_t memory_of_building(std::size_t entries) {
  constexpr std::uint64_t kCached = 19 << 10, kEach = 1 << 10;
  constexpr std::size_t kMostCached = 5'000;
  return std::min(entries, kMostCached) * kCached + entries * kEach;
}

void zero(ByteSpan to, std::uint64_t from, std::uint64_t end) {
  if (from < end) std::memset(to.data + from, 0, end - from);
}

}  // namespace

Skeleton::Skeleton(const std::vector<Item>& items, int shards) : catalog_(plan(items, shards)) {
  format::ShardLayout layout(catalog_);
  for (int shard = 0; shard < shards; ++shard) {
    ShardSkeleton skeleton;
    skeleton.file_name = format::shard_file_name(shard, shards);
    skeleton.header = layout.lay_out(shard);
    skeleton.file_bytes = catalog_.shards[static_cast<std::size_t>(shard)].file_bytes;
    shards_.push_back(std::move(skeleton));
  }
  auto extents = extents_by_shard(catalog_);
  for (std::size_t shard = 0; shard < shards_.size(); ++shard)
    shards_[shard].extents = std::move(extents[shard]);
  catalog_text_ = format::encode(catalog_);
  memory_without_index_ = memory_of(catalog_) + memory_of(shards_) + catalog_text_.capacity();
  // Only then may the caller, too, be in libhdf5 while it is built.
  if (!format::hdf5_is_threadsafe()) index();
}

const std::vector<std::byte>& Skeleton::index() const {
  index_built_.run([this] { index_ = format::build_index(catalog_); });
  return index_;
}

std::uint64_t Skeleton::memory_bytes() const {
  return memory_without_index_ +
         (index_.empty() ? memory_of_building(catalog_.entries.size()) : index_.capacity());
}

bool Skeleton::fits(const std::vector<Item>& items) const {
  return std::equal(items.begin(), items.end(), catalog_.entries.begin(), catalog_.entries.end(),
                    [](const Item& item, const format::Entry& entry) {
                      return item.name == entry.name && item.kind == entry.kind &&
                             item.dtype == entry.dtype && item.shape == entry.shape &&
                             item.alias_of == entry.alias_of;
                    });
}

std::uint64_t Skeleton::bytes() const {
  std::uint64_t total = 0;
  for (const ShardSkeleton& shard : shards_) total += shard.file_bytes;
  return total;
}

void Skeleton::fill(std::size_t shard, std::uint64_t offset, ByteSpan to,
                    const std::vector<Item>& items) const {
  const ShardSkeleton& skeleton = shards_[shard];
  std::uint64_t filled = 0;  // bytes of `to` that have their content
  if (offset < skeleton.header.size()) {
    filled = std::min<std::uint64_t>(to.size, skeleton.header.size() - offset);
    std::memcpy(to.data, skeleton.header.data() + offset, filled);
  }
  auto extent = std::partition_point(
      skeleton.extents.begin(), skeleton.extents.end(),
      [&](const Extent& candidate) { return candidate.offset + candidate.bytes <= offset; });
  for (; extent != skeleton.extents.end() && extent->offset < offset + to.size; ++extent) {
    const std::uint64_t from = std::max(extent->offset, offset);
    const std::uint64_t end = std::min(extent->offset + extent->bytes, offset + to.size);
    zero(to, filled, from - offset);
    copy_bytes(items[extent->item], extent->source_offset + (from - extent->offset),
               to.slice(from - offset, end - from));
    filled = end - offset;
  }
  zero(to, filled, to.size);
}

}  // namespace holdfast
