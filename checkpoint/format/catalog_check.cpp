#include <holdfast/checkpoint/format/catalog_check.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/format/names.h>

namespace holdfast::format {
namespace {

// Makes the errors about one catalog.
class Complaint {
 public:
  Complaint(ErrorKind kind, const std::string& path) : kind_(kind), path_(path) {}

  // The caller adds expected() and found(), and throws.
  Error about(const Entry& entry, const std::string& problem) const {
    return about("entry " + in_quotes(entry.name), problem);
  }
  Error about(const std::string& thing, const std::string& problem) const {
    Error error(kind_, thing + ": " + problem);
    return path_.empty() ? error : error.at(path_);
  }

 private:
  ErrorKind kind_;
  const std::string& path_;
};

// Compares names with '/' before every other byte, so that "a" is followed directly by "a/b" and
// not by "a.b".
bool name_less(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
    return rank(x) < rank(y);
  });
}

bool is_below(std::string_view name, std::string_view group) {
  return name.size() > group.size() && name[group.size()] == '/' &&
         name.substr(0, group.size()) == group;
}

using ByName = std::vector<const Entry*>;

ByName sorted_by_name(const Catalog& catalog) {
  ByName entries;
  entries.reserve(catalog.entries.size());
  for (const Entry& entry : catalog.entries) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const Entry* a, const Entry* b) { return name_less(a->name, b->name); });
  return entries;
}

const Entry* find(const ByName& entries, const std::string& name) {
  const auto at = std::lower_bound(
      entries.begin(), entries.end(), name,
      [](const Entry* entry, const std::string& text) { return name_less(entry->name, text); });
  return at == entries.end() || (*at)->name != name ? nullptr : *at;
}

void check_names(const ByName& entries, const Complaint& complaint) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Entry& entry = *entries[i];
    if (!is_valid_name(entry.name)) {
      throw complaint.about(entry, "the name is not valid")
          .expected("escaped components, " + std::to_string(kMaxNameComponents) + " of " +
                    std::to_string(kMaxNameBytes) + " bytes in all at most");
    }
    if (i == 0) continue;
    const Entry& before = *entries[i - 1];
    if (before.name == entry.name) throw complaint.about(entry, "the name occurs twice");
    if (is_below(entry.name, before.name)) {
      throw complaint
          .about(entry, "another entry has the name of its group, \"" + before.name + "\"")
          .remedy("a name stands either for a value or for a group of values");
    }
  }
}

std::string describe_value(const Entry& entry) {
  return std::string(to_string(entry.kind)) + ", " + std::string(name_of(entry.dtype)) + " " +
         to_string(entry.shape);
}

void check_value(const Entry& entry, const Complaint& complaint) {
  if (entry.shape.size() > kMaxRank) {
    throw complaint.about(entry, "too many dimensions")
        .expected(std::to_string(kMaxRank) + " at most")
        .found(std::to_string(entry.shape.size()));
  }
  for (std::int64_t size : entry.shape) {
    if (size < 0) throw complaint.about(entry, "a negative size").found(to_string(entry.shape));
  }
  if (!kind_allows(entry)) {
    throw complaint.about(entry, "dtype and shape do not fit the kind")
        .found(describe_value(entry));
  }
}

// bytes_of(), but a size that is too large is an error about this catalog.
std::uint64_t checked_bytes_of(const Entry& entry, const Complaint& complaint) {
  try {
    return bytes_of(entry);
  } catch (const Error&) {
    throw complaint.about(entry, "the bytes don't fit into 63 bits").found(describe_value(entry));
  }
}

void check_alias(const Entry& entry, const ByName& entries, const Complaint& complaint) {
  const Entry* target = find(entries, entry.alias_of);
  if (target == nullptr || !target->alias_of.empty()) {
    throw complaint.about(entry, "it is an alias of " + in_quotes(entry.alias_of))
        .expected("the name of an entry that is no alias itself")
        .found(target == nullptr ? "no such entry" : "an alias");
  }
  if (describe_value(*target) != describe_value(entry)) {
    throw complaint.about(entry, "it differs from \"" + entry.alias_of + "\", whose alias it is")
        .expected(describe_value(*target))
        .found(describe_value(entry));
  }
  if (!entry.pieces.empty()) throw complaint.about(entry, "an alias with pieces of its own");
}

void check_shards(const Entry& entry, int shards, const Complaint& complaint) {
  std::vector<int> seen;
  for (const Piece& piece : entry.pieces) {
    if (piece.shard < 0 || piece.shard >= shards) {
      throw complaint.about(entry, "a piece in a shard that does not exist")
          .expected("0 to " + std::to_string(shards - 1))
          .found(std::to_string(piece.shard));
    }
    seen.push_back(piece.shard);
  }
  std::sort(seen.begin(), seen.end());
  if (std::adjacent_find(seen.begin(), seen.end()) != seen.end()) {
    throw complaint.about(entry, "two pieces in one shard").expected("one at most in each");
  }
}

// Checks the rows of one piece. The pieces before it have covered rows [0, next). Each row has
// row_bytes bytes.
void check_rows(const Entry& entry, const Piece& piece, std::int64_t next, std::int64_t all_rows,
                std::uint64_t row_bytes, const Complaint& complaint) {
  const bool whole = entry.pieces.size() == 1 && piece.row == 0 && piece.rows == all_rows;
  const bool part =
      row_bytes > 0 && piece.rows > 0 && piece.row == next && piece.rows <= all_rows - next;
  if (!whole && !part) {
    throw complaint.about(entry, "the pieces do not cover its rows once and in order")
        .expected("a piece from row " + std::to_string(next) + " on, of " +
                  std::to_string(all_rows) + " rows")
        .found(std::to_string(piece.rows) + " rows from row " + std::to_string(piece.row) + " on");
  }
  const std::uint64_t bytes = row_bytes * static_cast<std::uint64_t>(piece.rows);
  if (piece.bytes != bytes) {
    throw complaint.about(entry, "the bytes of a piece do not match its rows")
        .expected(std::to_string(bytes))
        .found(std::to_string(piece.bytes));
  }
}

void check_pieces(const Entry& entry, int shards, const Complaint& complaint) {
  const std::uint64_t bytes = checked_bytes_of(entry, complaint);
  const std::int64_t rows = entry.shape.empty() ? 1 : entry.shape[0];
  const std::uint64_t row_bytes = rows == 0 ? 0 : bytes / static_cast<std::uint64_t>(rows);
  check_shards(entry, shards, complaint);
  std::int64_t next = 0;
  for (const Piece& piece : entry.pieces) {
    check_rows(entry, piece, next, rows, row_bytes, complaint);
    next += piece.rows;
  }
  if (entry.pieces.empty() || next != rows) {
    throw complaint.about(entry, "the pieces do not cover all rows")
        .expected(std::to_string(rows))
        .found(std::to_string(next));
  }
}

void check_sizes(const Shard& shard, int index, const Complaint& complaint) {
  const bool pages = shard.header_bytes % kPageBytes == 0 && shard.file_bytes % kPageBytes == 0;
  if (!pages || shard.header_bytes == 0 || shard.file_bytes < shard.header_bytes) {
    throw complaint.about("shard " + std::to_string(index), "impossible sizes")
        .expected("multiples of " + std::to_string(kPageBytes) + ", the header within the file")
        .found("a header of " + std::to_string(shard.header_bytes) + " bytes and a file of " +
               std::to_string(shard.file_bytes));
  }
}

struct Placed {
  const Entry* entry;
  const Piece* piece;
};

void check_place(const Placed& placed, const Shard& shard, const Complaint& complaint) {
  const Piece& piece = *placed.piece;
  const std::string where =
      "bytes " + std::to_string(piece.offset) + " to " + std::to_string(piece.offset + piece.bytes);
  if (piece.offset < shard.header_bytes || piece.offset > shard.file_bytes ||
      piece.bytes > shard.file_bytes - piece.offset) {
    throw complaint.about(*placed.entry, "a piece outside the payload of its shard")
        .expected("within bytes " + std::to_string(shard.header_bytes) + " to " +
                  std::to_string(shard.file_bytes))
        .found(where);
  }
  if (piece.offset % size_of(placed.entry->dtype) != 0) {
    throw complaint.about(*placed.entry, "a piece that is not aligned to its elements")
        .found(where);
  }
}

std::vector<Placed> pieces_by_place(const Catalog& catalog, const Complaint& complaint) {
  std::vector<Placed> pieces;
  for (const Entry& entry : catalog.entries) {
    for (const Piece& piece : entry.pieces) {
      if (piece.bytes > 0) {
        pieces.push_back({&entry, &piece});
      } else if (piece.offset != 0) {
        throw complaint.about(entry, "a piece of no bytes at an offset").expected("offset 0");
      }
    }
  }
  std::sort(pieces.begin(), pieces.end(), [](const Placed& a, const Placed& b) {
    return a.piece->shard != b.piece->shard ? a.piece->shard < b.piece->shard
                                            : a.piece->offset < b.piece->offset;
  });
  return pieces;
}

}  // namespace

bool kind_allows(const Entry& entry) {
  switch (entry.kind) {
    case Kind::kTensor:
      return true;
    case Kind::kScalar:
      return entry.shape.empty() && (entry.dtype == DType::kInt64 ||
                                     entry.dtype == DType::kFloat64 || entry.dtype == DType::kBool);
    case Kind::kText:
      return entry.shape.size() == 1 && entry.dtype == DType::kUInt8;
    case Kind::kNone:
    case Kind::kUndefined:
      return entry.shape.empty() && entry.dtype == DType::kUInt8;
  }
  return false;
}

void check_structure(const Catalog& catalog, ErrorKind kind, const std::string& path) {
  const Complaint complaint(kind, path);
  if (catalog.shards.empty() || catalog.shards.size() > kMaxShards) {
    throw complaint.about("the catalog", "an impossible number of shards")
        .expected("1 to " + std::to_string(kMaxShards))
        .found(std::to_string(catalog.shards.size()));
  }
  const ByName entries = sorted_by_name(catalog);
  check_names(entries, complaint);
  const int shards = static_cast<int>(catalog.shards.size());
  for (const Entry& entry : catalog.entries) {
    check_value(entry, complaint);
    if (entry.alias_of.empty()) {
      check_pieces(entry, shards, complaint);
    } else {
      check_alias(entry, entries, complaint);
    }
  }
}

void check_placement(const Catalog& catalog, ErrorKind kind, const std::string& path) {
  const Complaint complaint(kind, path);
  int index = 0;
  for (const Shard& shard : catalog.shards) check_sizes(shard, index++, complaint);
  const Placed* before = nullptr;
  const std::vector<Placed> pieces = pieces_by_place(catalog, complaint);
  for (const Placed& placed : pieces) {
    const int shard = placed.piece->shard;
    check_place(placed, catalog.shards[static_cast<std::size_t>(shard)], complaint);
    if (before != nullptr && before->piece->shard == shard &&
        before->piece->offset + before->piece->bytes > placed.piece->offset) {
      throw complaint.about(*placed.entry, "its bytes overlap those of \"" + before->entry->name +
                                               "\" in shard " + std::to_string(shard));
    }
    before = &placed;
  }
}

}  // namespace holdfast::format
