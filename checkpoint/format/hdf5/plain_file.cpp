#include <holdfast/checkpoint/format/hdf5/plain_file.h>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/format/catalog_check.h>
#include <holdfast/checkpoint/format/hdf5/attributes.h>
#include <holdfast/checkpoint/format/hdf5/reading_driver.h>
#include <holdfast/checkpoint/format/hdf5/types.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/format/names.h>

namespace holdfast::format {
namespace {

constexpr std::size_t kMaxLinks = 1'000'000;
constexpr const char* kRepack = "rewrite it with: h5repack -l CONTI -f NONE OLD NEW";

struct Link {
  std::string name;
  H5L_type_t type;
};

struct LinkList {
  std::vector<Link> links;
  std::size_t room;  // how many more links are allowed
  bool is_full = false;
};

// Called from C: no exception may leave it.
herr_t add_link(hid_t, const char* name, const H5L_info_t* info, void* list_of_links) {
  LinkList& list = *static_cast<LinkList*>(list_of_links);
  list.is_full = list.room == 0;
  if (list.is_full) return -1;
  try {
    list.links.push_back({name, info->type});
    --list.room;
    return 0;
  } catch (...) {
    return -1;
  }
}

// A text that is different for each object of a file.
std::string identity_of(hid_t object) {
#if H5_VERSION_GE(1, 12, 0)
  H5O_info2_t info;
  checked(H5Oget_info3(object, &info, H5O_INFO_BASIC), "H5Oget_info3");
  return std::string(reinterpret_cast<const char*>(&info.token), sizeof info.token);
#else
  H5O_info_t info;
  checked(H5Oget_info2(object, &info, H5O_INFO_BASIC), "H5Oget_info2");
  return std::to_string(info.addr);
#endif
}

std::string describe_type(hid_t type) {
  const std::string bytes = std::to_string(H5Tget_size(type)) + " bytes";
  const bool is_big = H5Tget_order(type) == H5T_ORDER_BE;
  switch (H5Tget_class(type)) {
    case H5T_INTEGER:
      return std::string(is_big ? "big-endian " : "") + "integers of " + bytes;
    case H5T_FLOAT:
      return std::string(is_big ? "big-endian " : "") + "floating-point numbers of " + bytes;
    case H5T_STRING:
      return "strings";
    case H5T_COMPOUND:
      return "records of " + bytes;
    case H5T_ENUM:
      return "an enumeration of " + bytes;
    case H5T_VLEN:
      return "sequences of variable length";
    case H5T_REFERENCE:
      return "references";
    default:
      return "another type of " + bytes;
  }
}

class Lister {
 public:
  Lister(hid_t file, std::uint64_t file_bytes) : file_(file), file_bytes_(file_bytes) {
    for (const DType dtype : all_dtypes())
      if (!needs_dtype_attribute(dtype)) types_.emplace_back(dtype, hdf5_type(dtype));
  }

  PlainFile list() {
    const Handle root(H5Gopen2(file_, "/", H5P_DEFAULT), H5Gclose, "H5Gopen2");
    is_ours_ = read_format(root.get());
    visited_.insert(identity_of(root.get()));
    list_group(root.get(), "", 0);
    for (const std::string& name : soft_links_) follow(name);
    std::sort(datasets_.begin(), datasets_.end(), [](const PlainDataset& a, const PlainDataset& b) {
      return std::make_pair(!a.alias_of.empty(), std::string_view(a.name)) <
             std::make_pair(!b.alias_of.empty(), std::string_view(b.name));
    });
    return {is_ours_, std::move(datasets_)};
  }

 private:
  static Error refused(const std::string& name, const std::string& problem) {
    return Error(ErrorKind::kUnsupported, in_quotes(name) + ": " + problem);
  }

  // True if the file is the only shard of a checkpoint. Throws for an index, and for one of several
  // shards.
  bool read_format(hid_t root) {
    const auto format = text_attribute(root, "format");
    if (format != "holdfast index" && format != "holdfast shard") return false;
    check_version(integer_attribute(root, "version").value_or(0));
    if (format == "holdfast index")
      throw Error(ErrorKind::kUnsupported, "this is the index of a checkpoint")
          .remedy("give the directory of the checkpoint");
    if (integer_attribute(root, "shard_count") != 1)
      throw Error(ErrorKind::kUnsupported, "this is one of several shards of a checkpoint")
          .remedy("give the directory of the checkpoint");
    return true;
  }

  static void check_version(std::int64_t found) {
    if (found < 1) throw Error(ErrorKind::kCorrupt, "a shard or an index without a version");
    if (found <= kFormatVersion) return;
    throw Error(ErrorKind::kVersion, "written by a newer Holdfast")
        .expected("version " + std::to_string(kFormatVersion) + " or older")
        .found("version " + std::to_string(found))
        .remedy("read it with the Holdfast that wrote it, or a newer one");
  }

  std::vector<Link> links_of(hid_t group) {
    LinkList list{{}, kMaxLinks - links_};
    hsize_t position = 0;
    const herr_t result = H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, &position, add_link, &list);
    if (list.is_full)
      throw Error(ErrorKind::kUnsupported, "the file has too many links")
          .expected(std::to_string(kMaxLinks) + " at most");
    checked(result, "H5Literate");
    links_ += list.links.size();
    return std::move(list.links);
  }

  void list_group(hid_t group, const std::string& path, std::size_t depth) {
    if (depth == kMaxNameComponents) throw refused(path, "groups are nested too deeply");
    for (const Link& link : links_of(group)) {
      const std::string name = path.empty() ? link.name : path + "/" + link.name;
      if (link.type == H5L_TYPE_HARD) {
        list_object(group, link.name, name, depth);
      } else if (link.type == H5L_TYPE_SOFT) {
        soft_links_.push_back(name);
      } else if (link.type == H5L_TYPE_EXTERNAL) {
        throw refused(name, "an external link, which is not followed");
      } else {
        throw refused(name, "a user-defined link, which is not followed");
      }
    }
  }

  void list_object(hid_t group, const std::string& leaf, const std::string& name,
                   std::size_t depth) {
    const Handle object(H5Oopen(group, leaf.c_str(), H5P_DEFAULT), H5Oclose, "H5Oopen");
    switch (H5Iget_type(object.get())) {
      case H5I_GROUP:
        if (!visited_.insert(identity_of(object.get())).second)
          throw refused(name, "a group that has another name already, or contains itself");
        return list_group(object.get(), name, depth + 1);
      case H5I_DATASET:
        return list_dataset(object.get(), name);
      default:
        throw refused(name, "an object that is neither a group nor a dataset");
    }
  }

  // Follows a soft link. All external and user-defined links were refused before, so it cannot lead
  // out of the file.
  void follow(const std::string& name) {
    const Handle access(H5Pcreate(H5P_LINK_ACCESS), H5Pclose, "H5Pcreate");
    const hid_t id = H5Oopen(file_, name.c_str(), access.get());
    if (id < 0) throw refused(name, "a soft link that leads nowhere, or to itself");
    const Handle object(id, H5Oclose, "H5Oopen");
    if (H5Iget_type(id) != H5I_DATASET) throw refused(name, "a soft link to no dataset");
    list_dataset(id, name);
  }

  void list_dataset(hid_t dataset, const std::string& name) {
    const auto [known, is_new] = first_name_.emplace(identity_of(dataset), datasets_.size());
    if (!is_new) {
      PlainDataset tied = datasets_[known->second];
      tied.alias_of = std::exchange(tied.name, name);
      datasets_.push_back(std::move(tied));
      return;
    }
    check_storage(dataset, name);
    PlainDataset plain;
    plain.name = name;
    plain.dtype = dtype_of(dataset, name);
    const bool has_value = read_shape(dataset, plain);
    if (is_ours_) read_kind(dataset, plain);
    const bool is_absent = !has_bytes(plain.kind);
    if (has_value == is_absent) throw refused(name, "a dataset without a value (H5S_NULL)");
    if (has_value) place(dataset, plain);
    datasets_.push_back(std::move(plain));
  }

  static void check_storage(hid_t dataset, const std::string& name) {
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose, "H5Dget_create_plist");
    switch (checked(H5Pget_layout(properties.get()), "H5Pget_layout")) {
      case H5D_CONTIGUOUS:
        break;
      case H5D_VIRTUAL:
        throw refused(name, "a virtual dataset, whose values are in other files");
      case H5D_CHUNKED:
        if (checked(H5Pget_nfilters(properties.get()), "H5Pget_nfilters") > 0)
          throw refused(name, "a dataset that is compressed or filtered").remedy(kRepack);
        throw refused(name, "a dataset that is stored in chunks").remedy(kRepack);
      default:
        throw refused(name, "a dataset that is not stored in one place").remedy(kRepack);
    }
    if (checked(H5Pget_external_count(properties.get()), "H5Pget_external_count") > 0)
      throw refused(name, "a dataset whose values are in other files");
    if (checked(H5Pget_nfilters(properties.get()), "H5Pget_nfilters") > 0)
      throw refused(name, "a dataset that is compressed or filtered").remedy(kRepack);
  }

  DType dtype_of(hid_t dataset, const std::string& name) {
    const Handle type(H5Dget_type(dataset), H5Tclose, "H5Dget_type");
    for (const auto& [dtype, known] : types_)
      if (checked(H5Tequal(type.get(), known.get()), "H5Tequal") > 0) return dtype;
    throw refused(name, "values of a type that a checkpoint cannot hold")
        .found(describe_type(type.get()));
  }

  // Reads the shape. False if the dataset has no value at all (H5S_NULL).
  static bool read_shape(hid_t dataset, PlainDataset& plain) {
    const Handle space(H5Dget_space(dataset), H5Sclose, "H5Dget_space");
    if (H5Sget_simple_extent_type(space.get()) == H5S_NULL) return false;
    const int rank = checked(H5Sget_simple_extent_ndims(space.get()), "H5Sget_simple_extent_ndims");
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
    checked(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr),
            "H5Sget_simple_extent_dims");
    for (const hsize_t size : sizes) {
      if (size > static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max()))
        throw refused(plain.name, "a dataset of an impossible size");
      plain.shape.push_back(static_cast<std::int64_t>(size));
    }
    return true;
  }

  // Reads the attributes by which our format tells what HDF5's own types do not.
  static void read_kind(hid_t dataset, PlainDataset& plain) {
    if (const auto kind = text_attribute(dataset, "kind")) {
      constexpr std::array kKinds = {Kind::kScalar, Kind::kText, Kind::kNone, Kind::kUndefined};
      for (const Kind known : kKinds)
        if (*kind == to_string(known)) plain.kind = known;
      if (plain.kind == Kind::kTensor) throw refused(plain.name, "a value of an unknown kind");
    }
    if (const auto name = text_attribute(dataset, "dtype")) {
      const auto dtype = dtype_from_name(*name);
      if (!dtype || !needs_dtype_attribute(*dtype) || plain.dtype != DType::kUInt8)
        throw refused(plain.name, "a value of an unknown dtype");
      plain.dtype = *dtype;
    }
    Entry entry;
    entry.kind = plain.kind;
    entry.dtype = plain.dtype;
    entry.shape = plain.shape;
    if (!kind_allows(entry)) throw refused(plain.name, "dtype and shape do not fit the kind");
  }

  void place(hid_t dataset, PlainDataset& plain) const {
    const std::uint64_t bytes = bytes_of(plain.dtype, plain.shape);
    if (bytes == 0) return;
    const haddr_t offset = H5Dget_offset(dataset);
    if (offset == HADDR_UNDEF || H5Dget_storage_size(dataset) != bytes)
      throw refused(plain.name, "a dataset whose values were never written");
    if (offset > file_bytes_ || bytes > file_bytes_ - offset)
      throw Error(ErrorKind::kCorrupt, in_quotes(plain.name) + " lies outside of the file");
    plain.offset = offset;
  }

  hid_t file_;
  std::uint64_t file_bytes_;
  std::vector<std::pair<DType, Handle>> types_;
  bool is_ours_ = false;
  std::size_t links_ = 0;
  std::unordered_set<std::string> visited_;                  // identities of groups
  std::unordered_map<std::string, std::size_t> first_name_;  // identity -> index in datasets_
  std::vector<std::string> soft_links_;
  std::vector<PlainDataset> datasets_;
};

}  // namespace

PlainFile list_datasets(const FileBytes& file) {
  const Hdf5Session session;
  ReadingInput input{file, nullptr, 0};
  try {
    const DrivenFile open = open_to_read(input);
    return Lister(open.file.get(), file.size).list();
  } catch (const Error& error) {
    if (input.failure != nullptr) std::rethrow_exception(input.failure);
    if (error.kind() != ErrorKind::kIo) throw;
    throw Error(ErrorKind::kCorrupt, "libhdf5 cannot read the file").found(error.what());
  }
}

void prepare_libhdf5_for_forks() {
  const Hdf5Session session;
}

}  // namespace holdfast::format
