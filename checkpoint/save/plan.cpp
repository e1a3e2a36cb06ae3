#include <holdfast/checkpoint/save/plan.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog_check.h>

namespace holdfast {
namespace {

using format::kMaxShards;

struct Part {
  std::size_t entry;
  std::size_t piece;
  std::uint64_t bytes;
};

void check_shard_count(int shards) {
  if (shards >= 1 && shards <= kMaxShards) return;
  throw Error(ErrorKind::kInvalidArgument, "the number of shards is out of range")
      .expected("1 to " + std::to_string(kMaxShards))
      .found(std::to_string(shards));
}

std::int64_t rows_of(const format::Entry& entry) {
  return entry.shape.empty() ? 1 : entry.shape.front();
}

// `parts` pieces of as equal a number of rows as can be.
std::vector<format::Piece> cut(std::int64_t rows, std::uint64_t bytes, std::int64_t parts) {
  const std::uint64_t row_bytes = rows == 0 ? 0 : bytes / static_cast<std::uint64_t>(rows);
  std::vector<format::Piece> pieces;
  for (std::int64_t i = 0; i < parts; ++i) {
    format::Piece piece;
    piece.row = rows / parts * i + std::min(i, rows % parts);
    piece.rows = rows / parts + (i < rows % parts ? 1 : 0);
    piece.bytes = row_bytes * static_cast<std::uint64_t>(piece.rows);
    pieces.push_back(piece);
  }
  return pieces;
}

std::int64_t part_count(const format::Entry& entry, std::uint64_t bytes, std::uint64_t share,
                        int shards) {
  if (bytes <= share || share == 0) return 1;
  const auto wanted = static_cast<std::int64_t>((bytes + share - 1) / share);
  return std::max<std::int64_t>(1, std::min({wanted, rows_of(entry), std::int64_t{shards}}));
}

void add_entries(const std::vector<Item>& items, format::Catalog& catalog) {
  std::unordered_map<std::string, bool> is_alias;
  catalog.entries.reserve(items.size());
  is_alias.reserve(items.size());
  for (const Item& item : items) {
    if (!is_alias.emplace(item.name, !item.alias_of.empty()).second)
      throw Error(ErrorKind::kInvalidArgument, "two entries of the state have the same name")
          .at(item.name)
          .remedy("register each object under a name of its own");
    const auto target = item.alias_of.empty() ? is_alias.end() : is_alias.find(item.alias_of);
    if (!item.alias_of.empty() && (target == is_alias.end() || target->second))
      throw Error(ErrorKind::kInvalidArgument, "an alias of something that is no earlier entry")
          .at(item.name)
          .found(item.alias_of);
    catalog.entries.push_back(entry_of(item));
  }
}

// Gives each entry its pieces. Returns those that are still to get a shard.
std::vector<Part> cut_entries(format::Catalog& catalog, int shards,
                              const std::vector<bool>& varies) {
  std::uint64_t total = 0;
  std::vector<std::uint64_t> bytes(catalog.entries.size(), 0);
  for (std::size_t i = 0; i < catalog.entries.size(); ++i) {
    if (!catalog.entries[i].alias_of.empty()) continue;
    bytes[i] = format::bytes_of(catalog.entries[i]);
    if (varies.empty() || !varies[i]) total += bytes[i];
  }
  const auto count = static_cast<std::uint64_t>(shards);
  const std::uint64_t share = (total + count - 1) / count;
  std::vector<Part> parts;
  for (std::size_t i = 0; i < catalog.entries.size(); ++i) {
    format::Entry& entry = catalog.entries[i];
    if (!entry.alias_of.empty()) continue;
    if (!varies.empty() && varies[i]) {
      entry.pieces = {whole_piece(entry, shards)};
      continue;
    }
    entry.pieces = cut(rows_of(entry), bytes[i], part_count(entry, bytes[i], share, shards));
    for (std::size_t p = 0; p < entry.pieces.size(); ++p)
      parts.push_back({i, p, entry.pieces[p].bytes});
  }
  return parts;
}

// The shard with the least bytes, the lowest number first, among those that hold no other piece of
// the entry.
int least_loaded(const std::vector<std::uint64_t>& load, const format::Entry& entry,
                 std::size_t assigned) {
  int best = -1;
  for (int shard = 0; shard < static_cast<int>(load.size()); ++shard) {
    const auto taken =
        std::any_of(entry.pieces.begin(), entry.pieces.begin() + assigned,
                    [&](const format::Piece& piece) { return piece.shard == shard; });
    if (!taken && (best < 0 || load[shard] < load[best])) best = shard;
  }
  return best;
}

}  // namespace

format::Entry entry_of(const Item& item) {
  format::Entry entry;
  entry.name = item.name;
  entry.kind = item.kind;
  entry.dtype = item.dtype;
  entry.shape = item.shape;
  entry.alias_of = item.alias_of;
  return entry;
}

format::Piece whole_piece(const format::Entry& entry, int shard) {
  format::Piece piece;
  piece.shard = shard;
  piece.rows = rows_of(entry);
  piece.bytes = format::bytes_of(entry);
  return piece;
}

format::Catalog plan(const std::vector<Item>& items, int shards, const std::vector<bool>& varies) {
  check_shard_count(shards);
  const int all_shards = varies.empty() ? shards : shards + 1;
  check_shard_count(all_shards);
  format::Catalog catalog;
  catalog.shards.resize(static_cast<std::size_t>(all_shards));
  add_entries(items, catalog);

  // The pieces of one entry are alike in size, the earlier ones never smaller: they come one after
  // the other, so that "the pieces before this one" are those that have a shard.
  std::vector<Part> parts = cut_entries(catalog, shards, varies);
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.bytes > b.bytes; });
  std::vector<std::uint64_t> load(static_cast<std::size_t>(shards), 0);
  for (const Part& part : parts) {
    format::Entry& entry = catalog.entries[part.entry];
    const int shard = part.bytes == 0 ? 0 : least_loaded(load, entry, part.piece);
    entry.pieces[part.piece].shard = shard;
    load[static_cast<std::size_t>(shard)] += part.bytes;
  }
  return catalog;
}

}  // namespace holdfast
