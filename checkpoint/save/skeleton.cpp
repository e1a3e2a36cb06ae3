#include <holdfast/checkpoint/save/skeleton.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog_check.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>
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

bool is_same(const Item& item, const format::Entry& entry) {
  return item.name == entry.name && item.kind == entry.kind && item.dtype == entry.dtype &&
         item.shape == entry.shape && item.alias_of == entry.alias_of;
}

// Whether both have the same kind of object in the index, so that setting its shape is enough.
bool differ_in_shape_alone(const format::Entry& a, const format::Entry& b) {
  return a.kind == b.kind && a.dtype == b.dtype && a.shape.size() == b.shape.size() &&
         a.alias_of == b.alias_of && (format::bytes_of(a) == 0) == (format::bytes_of(b) == 0);
}

// The extents of the varying shard. Each entry lies whole in it.
std::vector<Extent> extents_of(const format::Catalog& catalog, const std::vector<bool>& varies) {
  std::vector<Extent> extents;
  for (std::size_t i = 0; i < varies.size(); ++i) {
    if (!varies[i] || !catalog.entries[i].alias_of.empty()) continue;
    const format::Piece& piece = catalog.entries[i].pieces.front();
    if (piece.bytes > 0) extents.push_back({piece.offset, piece.bytes, i, 0});
  }
  std::sort(extents.begin(), extents.end(),
            [](const Extent& a, const Extent& b) { return a.offset < b.offset; });
  return extents;
}

// By item, whether it varies: it is named, or tied to one that is. An alias lies where its target
// does. Empty if nothing varies.
std::vector<bool> varying_items(const std::vector<Item>& items,
                                const std::unordered_set<std::string>& varying) {
  std::unordered_set<std::string> targets;
  for (const Item& item : items)
    if (varying.count(item.name) > 0)
      targets.insert(item.alias_of.empty() ? item.name : item.alias_of);
  if (targets.empty()) return {};
  std::vector<bool> varies;
  varies.reserve(items.size());
  for (const Item& item : items)
    varies.push_back(targets.count(item.alias_of.empty() ? item.name : item.alias_of) > 0);
  return varies;
}

format::Catalog plan_of(const std::vector<Item>& items, int shards,
                        const std::vector<bool>& varies) {
  if (varies.empty()) return plan(items, shards);
  // File names have room for kMaxShards, the one for what varies included.
  return plan(items, std::min(shards, format::kMaxShards - 1), varies);
}

format::Catalog laid_out(format::Catalog catalog, std::vector<ShardSkeleton>& shards) {
  const int count = static_cast<int>(catalog.shards.size());
  format::ShardLayout layout(catalog);
  for (int shard = 0; shard < count; ++shard) {
    ShardSkeleton skeleton;
    skeleton.file_name = format::shard_file_name(shard, count);
    skeleton.header = layout.lay_out(shard);
    skeleton.file_bytes = catalog.shards[static_cast<std::size_t>(shard)].file_bytes;
    shards.push_back(std::move(skeleton));
  }
  auto extents = extents_by_shard(catalog);
  for (std::size_t shard = 0; shard < shards.size(); ++shard)
    shards[shard].extents = std::move(extents[shard]);
  return catalog;
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

// The most that building the index takes, as measured with HDF5 1.10.8 to 2.2. In libhdf5's
// metadata cache an entry takes many times what it takes in the file, and the cache holds about
// kMostCached.
std::uint64_t memory_of_building(std::size_t entries) {
  constexpr std::uint64_t kCached = 19 << 10, kEach = 1 << 10;
  constexpr std::size_t kMostCached = 5'000;
  return std::min(entries, kMostCached) * kCached + entries * kEach;
}

void zero(ByteSpan to, std::uint64_t from, std::uint64_t end) {
  if (from < end) std::memset(to.data + from, 0, end - from);
}

}  // namespace

Skeleton::Skeleton(const std::vector<Item>& items, int shards,
                   const std::unordered_set<std::string>& varying)
    : varies_(varying_items(items, varying)),
      varying_count_(static_cast<std::size_t>(std::count(varies_.begin(), varies_.end(), true))),
      has_varying_shard_(!varies_.empty()),
      catalog_(laid_out(plan_of(items, shards, varies_), shards_)),
      memory_of_structure_(memory_of(catalog_) + memory_of(shards_)),
      text_(catalog_) {
  varies_.resize(items.size());
  // It is built later, on another thread, only if the caller may be in libhdf5 at the same time.
  if (!format::hdf5_is_threadsafe()) index();
}

const std::string& Skeleton::catalog_text() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (text_was_) text_.update(catalog_, *text_was_);
  text_was_.reset();
  return text_.text();
}

const std::vector<std::byte>& Skeleton::index() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!index_has_names_ || !set_index_shapes()) {
    index_ = format::build_index(catalog_);
    index_shapes_.reset();
    index_has_names_ = true;
    ++index_builds_;
  }
  other_shape_.clear();
  return index_;
}

// Puts the catalog's shapes into the index. False: it cannot be done, and the index must be built.
bool Skeleton::set_index_shapes() const {
  if (other_shape_.empty()) return true;
  if (!index_shapes_) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < varies_.size(); ++i)
      if (varies_[i]) names.push_back(catalog_.entries[i].name);
    index_shapes_.emplace(index_, names);
  }
  return std::all_of(other_shape_.begin(), other_shape_.end(), [this](std::size_t i) {
    const format::Entry& entry = catalog_.entries[i];
    return !entry.alias_of.empty() || index_shapes_->set(index_, entry.name, entry.shape);
  });
}

std::uint64_t Skeleton::memory_bytes() const {
  return memory_of_structure_ + text_.memory_bytes() +
         (index_has_names_ ? index_.capacity() : memory_of_building(catalog_.entries.size()));
}

bool Skeleton::fits(const std::vector<Item>& items) const {
  return std::equal(items.begin(), items.end(), catalog_.entries.begin(), catalog_.entries.end(),
                    is_same);
}

StructureChange Skeleton::change_to(const std::vector<Item>& items) const {
  const std::vector<format::Entry>& entries = catalog_.entries;
  // Filled when an item is not where its entry is expected.
  std::unordered_map<std::string_view, std::size_t> by_name;
  const auto find = [&](const std::string& name, std::size_t expected) {
    if (expected < entries.size() && entries[expected].name == name) return expected;
    if (by_name.empty())
      for (std::size_t i = 0; i < entries.size(); ++i) by_name.emplace(entries[i].name, i);
    const auto found = by_name.find(name);
    return found == by_name.end() ? StructureChange::kNone : found->second;
  };
  const auto unsteady = [](StructureChange& change, const std::string& name) {
    change.steady_fits = false;
    change.unsteady.push_back(name);
  };

  StructureChange change;
  change.was.reserve(items.size());
  std::vector<bool> is_there(entries.size());
  std::size_t last_steady = StructureChange::kNone;  // kNone + 1 is 0: before all
  for (std::size_t i = 0, expected = 0; i < items.size(); ++i) {
    const Item& item = items[i];
    std::size_t at = find(item.name, expected);
    if (at != StructureChange::kNone && is_there[at]) {  // a name twice: plan() will throw
      change.steady_fits = false;
      at = StructureChange::kNone;
    }
    change.was.push_back(at);
    change.in_order = change.in_order && at == i;
    const bool is_new = at == StructureChange::kNone;
    if (!is_new) {
      is_there[at] = true;
      expected = at + 1;
    }
    const bool same = !is_new && is_same(item, entries[at]);
    if (!is_new && !varies_[at]) {
      if (!same) unsteady(change, item.name);
      if (at + 1 <= last_steady + 1) change.steady_fits = false;  // another order
      last_steady = at;
      continue;
    }
    if (is_new) ++change.added;
    if (!same) change.other.push_back(i);
    if (same || item.alias_of.empty()) continue;
    const std::size_t target = find(item.alias_of, StructureChange::kNone);
    if (target != StructureChange::kNone && !varies_[target]) unsteady(change, item.alias_of);
  }
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (is_there[i]) continue;
    change.in_order = false;
    if (!varies_[i]) unsteady(change, entries[i].name);
  }
  return change;
}

void Skeleton::adapt(const std::vector<Item>& items, const StructureChange& change) {
  if (!change.in_order) take_names(items, change);
  const int last = static_cast<int>(shards_.size()) - 1;
  for (const std::size_t i : change.other) {
    format::Entry entry = entry_of(items[i]);
    if (entry.alias_of.empty()) entry.pieces = {whole_piece(entry, last)};
    if (!differ_in_shape_alone(entry, catalog_.entries[i])) index_has_names_ = false;
    other_shape_.push_back(i);
    catalog_.entries[i] = std::move(entry);
  }
  if (!change.in_order) format::check_structure(catalog_, ErrorKind::kInvalidArgument, "");
  lay_out_varying();

  note_other_text(change.was);
  if (change.in_order) {
    shards_.back().extents = extents_of(catalog_, varies_);
  } else {
    auto extents = extents_by_shard(catalog_);
    for (std::size_t shard = 0; shard < shards_.size(); ++shard)
      shards_[shard].extents = std::move(extents[shard]);
    memory_of_structure_ = memory_of(catalog_) + memory_of(shards_);
  }
  if (!format::hdf5_is_threadsafe()) index();
}

// The text may still be that of an older save, if the last one failed before it asked for the text.
// Entries that vary are new to it even if unchanged: their offsets may differ.
void Skeleton::note_other_text(std::vector<std::size_t> was) {
  for (std::size_t i = 0; i < was.size(); ++i) {
    if (varies_[i]) {
      was[i] = format::CatalogText::kNew;
    } else if (text_was_) {
      was[i] = (*text_was_)[was[i]];
    }
  }
  text_was_ = std::move(was);
}

// Moves the entries to the places of their items. New ones are empty until adapt() fills them.
void Skeleton::take_names(const std::vector<Item>& items, const StructureChange& change) {
  std::vector<format::Entry> entries(items.size());
  std::vector<bool> varies(items.size(), true);
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::size_t was = change.was[i];
    if (was == StructureChange::kNone) continue;
    entries[i] = std::move(catalog_.entries[was]);
    varies[i] = varies_[was];
  }
  catalog_.entries = std::move(entries);
  varies_ = std::move(varies);
  varying_count_ = static_cast<std::size_t>(std::count(varies_.begin(), varies_.end(), true));
  index_has_names_ = false;
  other_shape_.clear();
}

// The header of a shard depends only on the entries that lie in it, so it is built from these
// alone.
void Skeleton::lay_out_varying() {
  format::Catalog part;
  part.shards = catalog_.shards;
  std::vector<std::size_t> entries;
  for (std::size_t i = 0; i < varies_.size(); ++i) {
    if (!varies_[i]) continue;
    part.entries.push_back(std::move(catalog_.entries[i]));
    entries.push_back(i);
  }
  ShardSkeleton& shard = shards_.back();
  shard.header = format::lay_out_shard(part, static_cast<int>(shards_.size()) - 1);
  for (std::size_t i = 0; i < entries.size(); ++i)
    catalog_.entries[entries[i]] = std::move(part.entries[i]);
  catalog_.shards.back() = part.shards.back();
  shard.file_bytes = catalog_.shards.back().file_bytes;
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
