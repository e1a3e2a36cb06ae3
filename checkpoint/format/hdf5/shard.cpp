#include <holdfast/checkpoint/format/hdf5/shard.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog_check.h>
#include <holdfast/checkpoint/format/hdf5/file.h>

namespace holdfast::format {
namespace {

// Where the payload begins while the metadata are measured: behind any metadata there can be.
constexpr std::uint64_t kFarAway = std::uint64_t{1} << 62;

struct Placed {
  Entry* entry;
  Piece* piece;
};

// Large pieces come first. The small ones follow by descending size of their elements: in this
// order hardly any gaps are needed to align them.
std::vector<Placed> in_file_order(std::vector<Placed> pieces) {
  const auto rank = [](const Placed& placed) {
    return placed.piece->bytes >= kLargePieceBytes
               ? 0
               : -static_cast<int>(size_of(placed.entry->dtype));
  };
  const auto large = std::stable_partition(pieces.begin(), pieces.end(), [](const Placed& placed) {
    return placed.piece->bytes >= kLargePieceBytes;
  });
  std::stable_sort(large, pieces.end(),
                   [&](const Placed& a, const Placed& b) { return rank(a) < rank(b); });
  return pieces;
}

// Sets the offsets of the pieces, from `begin` on. Returns the end of the last piece.
std::uint64_t place(const std::vector<Placed>& pieces, std::uint64_t begin) {
  std::uint64_t end = begin;
  for (const Placed& placed : in_file_order(pieces)) {
    Piece& piece = *placed.piece;
    piece.offset = 0;
    if (piece.bytes == 0) continue;
    const bool large = piece.bytes >= kLargePieceBytes;
    piece.offset = round_up(end, large ? kPageBytes : size_of(placed.entry->dtype));
    end = piece.offset + piece.bytes;
    if (piece.bytes > kFarAway || end - begin > kFarAway) {
      throw Error(ErrorKind::kUnsupported, "a shard of more than 2^62 bytes")
          .remedy("save to more shards");
    }
  }
  return end;
}

// Contiguous datasets that get their place in the file when they are created, and that libhdf5 does
// not fill with values.
Handle payload_properties() {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
  checked(H5Pset_layout(properties.get(), H5D_CONTIGUOUS), "H5Pset_layout");
  checked(H5Pset_alloc_time(properties.get(), H5D_ALLOC_TIME_EARLY), "H5Pset_alloc_time");
  checked(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_NEVER), "H5Pset_fill_time");
  checked(H5Pset_obj_track_times(properties.get(), false), "H5Pset_obj_track_times");
  return properties;
}

Shape shape_of(const Placed& placed) {
  Shape shape = placed.entry->shape;
  if (!shape.empty()) shape[0] = placed.piece->rows;
  return shape;
}

// Checks that libhdf5 has put the dataset where the catalog says. The payload is written there by
// us, so a version of libhdf5 that places datasets differently must be refused.
void require_offset(const Handle& dataset, const Placed& placed) {
  const haddr_t offset = H5Dget_offset(dataset.get());
  const haddr_t planned = placed.piece->bytes == 0 ? HADDR_UNDEF : placed.piece->offset;
  if (offset == planned) return;
  throw Error(ErrorKind::kUnsupported,
              "HDF5 did not put \"" + placed.entry->name + "\" at its planned offset")
      .expected("offset " + std::to_string(planned))
      .found("offset " + std::to_string(offset));
}

void create_piece(Hdf5File& file, FileImage& image, const Placed& placed,
                  const Handle& properties) {
  const Entry& entry = *placed.entry;
  if (!has_bytes(entry.kind)) {
    write_attributes(file.create_null_dataset(entry.name, entry.dtype).get(), entry);
    return;
  }
  if (placed.piece->bytes > 0) image.place_next(placed.piece->offset);
  const Handle dataset =
      file.create_dataset(entry.name, entry.dtype, shape_of(placed), properties.get());
  require_offset(dataset, placed);
  write_attributes(dataset.get(), entry);
  if (entry.pieces.size() > 1) {
    set_attribute(dataset.get(), "global_shape", entry.shape);
    set_attribute(dataset.get(), "row", placed.piece->row);
  }
}

// Everything that the file of one shard is built from.
struct Contents {
  const Catalog& catalog;
  int shard;
  const std::vector<Placed>& pieces;        // in the order of the catalog
  const std::vector<std::size_t>& aliases;  // of the pieces' entries, in the order of the catalog
};

// Creates every object of the shard's file, with the pieces at their offsets.
void build(const Contents& contents, FileImage& image) {
  Hdf5File file(image);
  sign_root(file, "holdfast shard");
  set_attribute(file.root(), "shard", std::int64_t{contents.shard});
  set_attribute(file.root(), "shard_count",
                static_cast<std::int64_t>(contents.catalog.shards.size()));
  const Handle properties = payload_properties();
  for (const Placed& placed : contents.pieces) create_piece(file, image, placed, properties);
  for (const std::size_t alias : contents.aliases) {
    const Entry& entry = contents.catalog.entries[alias];
    file.link_hard(entry.alias_of, entry.name);
  }
  file.close();
}

// Builds the file once, with its payload far away, to see how long the metadata get. The length of
// the file must include the payload here too: when HDF5 extends a block that ends where the file
// ends, it extends it in place, and it copies any other block. It has to do the same in both
// builds.
std::uint64_t measure_header(const Contents& contents) {
  FileImage image(kFarAway, std::max(place(contents.pieces, kFarAway), kFarAway + kPageBytes));
  build(contents, image);
  return round_up(image.metadata_bytes(), kPageBytes);
}

void refuse_what_hdf5_cannot_hold(const Catalog& catalog) {
  for (const Entry& entry : catalog.entries) {
    if (entry.shape.size() <= kMaxRank) continue;
    throw Error(ErrorKind::kUnsupported, "\"" + entry.name + "\" has too many dimensions")
        .expected(std::to_string(kMaxRank) + " at most, as HDF5 allows")
        .found(std::to_string(entry.shape.size()))
        .remedy("reshape the tensor before it is registered");
  }
}

}  // namespace

struct ShardPieces {
  std::vector<Placed> pieces;
  std::vector<std::size_t> owners;  // owners[i]: the index of the entry that pieces[i] belongs to
};

ShardLayout::ShardLayout(Catalog& catalog)
    : catalog_(catalog), shards_(catalog.shards.size()), aliases_(catalog.entries.size()) {
  refuse_what_hdf5_cannot_hold(catalog);
  check_structure(catalog, ErrorKind::kInvalidArgument, "");
  std::unordered_map<std::string_view, std::size_t> places;
  for (std::size_t i = 0; i < catalog.entries.size(); ++i) {
    Entry& entry = catalog.entries[i];
    places.emplace(entry.name, i);
    for (Piece& piece : entry.pieces) {  // at most one of them in each shard
      ShardPieces& shard = shards_[static_cast<std::size_t>(piece.shard)];
      shard.pieces.push_back({&entry, &piece});
      shard.owners.push_back(i);
    }
  }
  for (std::size_t i = 0; i < catalog.entries.size(); ++i) {
    const std::string& original = catalog.entries[i].alias_of;
    if (!original.empty()) aliases_[places.at(original)].push_back(i);
  }
}

ShardLayout::~ShardLayout() = default;

std::uint64_t ShardLayout::least_header_bytes(int shard) const {
  constexpr std::uint64_t kAddressBytes = 8;  // each link holds the address of its object
  std::uint64_t objects = 0;
  for (const std::size_t owner : shards_.at(static_cast<std::size_t>(shard)).owners)
    objects += 1 + aliases_[owner].size();
  return objects * kAddressBytes;
}

std::vector<std::byte> ShardLayout::lay_out(int shard) {
  Shard& sizes = catalog_.shards.at(static_cast<std::size_t>(shard));
  const ShardPieces& own = shards_[static_cast<std::size_t>(shard)];
  std::vector<std::size_t> aliases;
  for (const std::size_t owner : own.owners)
    aliases.insert(aliases.end(), aliases_[owner].begin(), aliases_[owner].end());
  std::sort(aliases.begin(), aliases.end());
  const Contents contents{catalog_, shard, own.pieces, aliases};
  const Hdf5Session session(own.pieces.size());
  sizes.header_bytes = measure_header(contents);
  sizes.file_bytes = round_up(place(own.pieces, sizes.header_bytes), kPageBytes);
  FileImage image(sizes.header_bytes, sizes.file_bytes);
  build(contents, image);
  return image.take(sizes.header_bytes);
}

std::vector<std::byte> lay_out_shard(Catalog& catalog, int shard) {
  return ShardLayout(catalog).lay_out(shard);
}

}  // namespace holdfast::format
