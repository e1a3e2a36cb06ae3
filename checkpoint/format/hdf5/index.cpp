// The virtual index: index.h5. docs/format.md, "Index".
#include <unordered_map>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog_check.h>
#include <holdfast/checkpoint/format/hdf5/file.h>
#include <holdfast/checkpoint/format/hdf5/index_shapes.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>
#include <holdfast/checkpoint/format/hdf5/types.h>

namespace holdfast::format {
namespace {

constexpr std::uint64_t kMaxIndexBytes = std::uint64_t{1} << 40;

// Adds a mapping: these rows of the virtual dataset are the whole dataset of the piece in its
// shard.
void map_piece(const Handle& properties, const Entry& entry, const Piece& piece, int shards) {
  const Handle rows = simple_space(entry.shape);
  std::vector<hsize_t> start(entry.shape.size(), 0);
  std::vector<hsize_t> count(entry.shape.begin(), entry.shape.end());
  start[0] = static_cast<hsize_t>(piece.row);
  count[0] = static_cast<hsize_t>(piece.rows);
  checked(
      H5Sselect_hyperslab(rows.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
      "H5Sselect_hyperslab");
  Shape shape = entry.shape;
  shape[0] = piece.rows;
  const Handle source = simple_space(shape);
  checked(H5Pset_virtual(properties.get(), rows.get(),
                         as_pattern(shard_file_name(piece.shard, shards)).c_str(),
                         as_pattern("/" + entry.name).c_str(), source.get()),
          "H5Pset_virtual");
}

Handle dataset_properties() {
  Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
  checked(H5Pset_obj_track_times(properties.get(), false), "H5Pset_obj_track_times");
  return properties;
}

Handle virtual_properties(const Entry& entry, int shards, hid_t type) {
  Handle properties = dataset_properties();
  const std::vector<std::byte> fill = missing_value(entry.dtype);
  checked(H5Pset_fill_value(properties.get(), type, fill.data()), "H5Pset_fill_value");
  for (const Piece& piece : entry.pieces) map_piece(properties, entry, piece, shards);
  return properties;
}

bool is_scalar(const Entry& entry) {
  return entry.shape.empty() && bytes_of(entry) > 0;
}

// A virtual dataset cannot have 0 dimensions. So a scalar is an external link to the dataset in its
// shard.
void link_scalar(Hdf5File& file, const Entry& entry, const Entry& target, int shards) {
  file.link_external(shard_file_name(target.pieces.front().shard, shards), "/" + target.name,
                     entry.name);
}

void create_entry(Hdf5File& file, const Entry& entry, int shards) {
  if (is_scalar(entry)) return link_scalar(file, entry, entry, shards);
  if (!has_bytes(entry.kind)) {
    return write_attributes(file.create_null_dataset(entry.name, entry.dtype).get(), entry);
  }
  const Handle properties = bytes_of(entry) == 0
                                ? dataset_properties()
                                : virtual_properties(entry, shards, file.type(entry.dtype));
  write_attributes(
      file.create_dataset(entry.name, entry.dtype, entry.shape, properties.get()).get(), entry);
}

// An alias of a scalar is an external link too: a hard link can only lead to an object of this
// file.
void link_aliases(Hdf5File& file, const Catalog& catalog, int shards) {
  std::unordered_map<std::string_view, const Entry*> scalars;
  for (const Entry& entry : catalog.entries) {
    if (is_scalar(entry)) scalars.emplace(entry.name, &entry);
  }
  for (const Entry& entry : catalog.entries) {
    if (entry.alias_of.empty()) continue;
    const auto scalar = scalars.find(entry.alias_of);
    if (scalar == scalars.end()) {
      file.link_hard(entry.alias_of, entry.name);
    } else {
      link_scalar(file, entry, *scalar->second, shards);
    }
  }
}

}  // namespace

std::vector<std::byte> build_index(const Catalog& catalog) {
  check_structure(catalog, ErrorKind::kInvalidArgument, "");
  const int shards = static_cast<int>(catalog.shards.size());
  const Hdf5Session session(catalog.entries.size());
  FileImage image(kMaxIndexBytes);
  Hdf5File file(image);
  sign_root(file, "holdfast index");
  std::vector<std::string> names;
  for (int shard = 0; shard < shards; ++shard) names.push_back(shard_file_name(shard, shards));
  set_attribute(file.root(), "shards", names);
  for (const Entry& entry : catalog.entries) {
    if (entry.alias_of.empty()) create_entry(file, entry, shards);
  }
  link_aliases(file, catalog, shards);
  file.close();
  return image.take(image.metadata_bytes());
}

}  // namespace holdfast::format
