#include <holdfast/checkpoint/save/plan.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <string>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog_check.h>

namespace holdfast {
namespace {

using format::kMaxShards;

// A piece that is to get a shard.
struct Part {
  std::size_t entry;  // index into the catalog's entries
  std::size_t piece;  // index into the entry's pieces
  std::uint64_t bytes;
};

void check_shard_count(int shards) {
  if (shards >= 1 && shards <= kMaxShards) return;
  throw Error(ErrorKind::kInvalidArgument, "cannot plan a checkpoint of so many shards")
      .expected("1 to " + std::to_string(kMaxShards))
      .found(std::to_string(shards));
}

std::int64_t rows_of(const format::Entry& entry) {
  return entry.shape.empty() ? 1 : entry.shape.front();
}

// `parts` pieces, whose numbers of rows differ by one at most, the larger ones first.
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
      throw Error(ErrorKind::kInvalidArgument, "cannot save an alias before what it is tied to")
          .at(item.name)
          .expected("the name of an earlier item that is no alias itself")
          .found(item.alias_of);
    catalog.entries.push_back(entry_of(item));
  }
}

// Gives each entry its pieces: one that varies gets one in the shard behind the others. Returns the
// pieces of the rest, which have no shard yet.
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

// Gives each part to the shard with the least bytes, the lowest number first among equals, of those
// that hold no other piece of its entry. `parts` are in the order of their sizes; those of one
// entry and one size follow one another.
//
// The shards are in a heap, but for those that have a piece of the entry whose parts are being
// placed: they are set aside until another entry's part comes. The pieces of an entry have two
// sizes at most, so that it has two such runs of parts at most, and each sets aside no more shards
// than the entry has pieces. All together that is O(parts log shards).
void assign_shards(format::Catalog& catalog, const std::vector<Part>& parts, int shards) {
  using Load = std::pair<std::uint64_t, int>;  // bytes, shard
  std::vector<Load> empty;
  for (int shard = 0; shard < shards; ++shard) empty.emplace_back(0, shard);
  std::priority_queue<Load, std::vector<Load>, std::greater<Load>> loads(std::greater<Load>(),
                                                                         std::move(empty));
  std::vector<Load> aside;
  std::vector<std::size_t> held_in_run(static_cast<std::size_t>(shards), 0);
  std::size_t run = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    std::vector<format::Piece>& pieces = catalog.entries[part.entry].pieces;
    if (part.bytes == 0) {
      pieces[part.piece].shard = 0;
      continue;
    }
    if (i == 0 || parts[i - 1].entry != part.entry) {
      for (const Load& load : aside) loads.push(load);
      aside.clear();
      ++run;
      for (std::size_t p = 0; p < part.piece; ++p)
        held_in_run[static_cast<std::size_t>(pieces[p].shard)] = run;
    }
    while (held_in_run[static_cast<std::size_t>(loads.top().second)] == run) {
      aside.push_back(loads.top());
      loads.pop();
    }
    const auto [bytes, shard] = loads.top();
    loads.pop();
    aside.emplace_back(bytes + part.bytes, shard);
    pieces[part.piece].shard = shard;
  }
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

  // Stable, and the earlier pieces of an entry are never smaller: those before a piece have their
  // shards when it gets its own.
  std::vector<Part> parts = cut_entries(catalog, shards, varies);
  std::stable_sort(parts.begin(), parts.end(),
                   [](const Part& a, const Part& b) { return a.bytes > b.bytes; });
  assign_shards(catalog, parts, shards);
  return catalog;
}

}  // namespace holdfast
