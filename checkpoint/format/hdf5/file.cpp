#include <holdfast/checkpoint/format/hdf5/file.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <algorithm>

#include <holdfast/checkpoint/format/hdf5/types.h>
#include <holdfast/checkpoint/format/manifest.h>

namespace holdfast::format {
namespace {

Handle group_creation_properties() {
  Handle properties(H5Pcreate(H5P_GROUP_CREATE), H5Pclose, "H5Pcreate");
  checked(H5Pset_obj_track_times(properties.get(), false), "H5Pset_obj_track_times");
  return properties;
}

Handle link_creation_properties() {
  Handle properties(H5Pcreate(H5P_LINK_CREATE), H5Pclose, "H5Pcreate");
  checked(H5Pset_char_encoding(properties.get(), H5T_CSET_UTF8), "H5Pset_char_encoding");
  return properties;
}

// Up to this number of datasets, libhdf5 keeps too little memory to be worth giving back.
constexpr std::size_t kFewDatasets = 1'000;

// libhdf5 keeps memory that it has freed (several times the size of what it built), and so does the
// allocator. malloc_trim() takes time in proportion to the program's whole heap.
void give_back_memory() {
  checked(H5garbage_collect(), "H5garbage_collect");
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}

std::string leaf_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

Handle text_type(std::size_t bytes) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose, "H5Tcopy");
  checked(H5Tset_size(type.get(), std::max<std::size_t>(bytes, 1)), "H5Tset_size");
  checked(H5Tset_strpad(type.get(), H5T_STR_NULLPAD), "H5Tset_strpad");
  return type;
}

Handle scalar_space() {
  return Handle(H5Screate(H5S_SCALAR), H5Sclose, "H5Screate");
}

void write_attribute(hid_t object, const char* name, hid_t file_type, hid_t memory_type,
                     const Handle& space, const void* value) {
  const Handle attribute(H5Acreate2(object, name, file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT),
                         H5Aclose, "H5Acreate2");
  checked(H5Awrite(attribute.get(), memory_type, value), "H5Awrite");
}

std::size_t longest(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) bytes = std::max(bytes, text.size());
  return bytes;
}

}  // namespace

Hdf5File::Hdf5File(FileImage& image)
    : open_file_(create_file(image)),
      root_(H5Gopen2(open_file_.file.get(), "/", H5P_DEFAULT), H5Gclose, "H5Gopen2"),
      group_properties_(group_creation_properties()),
      link_properties_(link_creation_properties()) {}

Handle Hdf5File::create(const std::string& path, DType dtype, const Handle& space,
                        hid_t properties) {
  ++datasets_;
  return Handle(H5Dcreate2(enter_parent(path), leaf_of(path).c_str(), type(dtype), space.get(),
                           link_properties_.get(), properties, H5P_DEFAULT),
                H5Dclose, "H5Dcreate2");
}

Handle Hdf5File::create_dataset(const std::string& path, DType dtype, const Shape& shape,
                                hid_t properties) {
  return create(path, dtype, shape.empty() ? scalar_space() : simple_space(shape), properties);
}

Handle Hdf5File::create_null_dataset(const std::string& path, DType dtype) {
  const Handle space(H5Screate(H5S_NULL), H5Sclose, "H5Screate");
  const Handle properties(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, "H5Pcreate");
  checked(H5Pset_obj_track_times(properties.get(), false), "H5Pset_obj_track_times");
  return create(path, dtype, space, properties.get());
}

void Hdf5File::link_hard(const std::string& target, const std::string& path) {
  checked(H5Lcreate_hard(root(), target.c_str(), enter_parent(path), leaf_of(path).c_str(),
                         link_properties_.get(), H5P_DEFAULT),
          "H5Lcreate_hard");
}

void Hdf5File::link_external(const std::string& file, const std::string& target,
                             const std::string& path) {
  checked(H5Lcreate_external(file.c_str(), target.c_str(), enter_parent(path),
                             leaf_of(path).c_str(), link_properties_.get(), H5P_DEFAULT),
          "H5Lcreate_external");
}

hid_t Hdf5File::type(DType dtype) {
  const auto found = types_.find(dtype);
  if (found != types_.end()) return found->second.get();
  return types_.emplace(dtype, hdf5_type(dtype)).first->second.get();
}

void Hdf5File::close() {
  open_.clear();
  types_.clear();
  root_ = Handle();
  open_file_.file.close("H5Fclose");
  if (datasets_ > kFewDatasets) give_back_memory();
}

hid_t Hdf5File::enter_parent(const std::string& path) {
  leave_groups_not_above(path);
  std::size_t slash = open_.empty() ? 0 : open_.back().path.size() + 1;
  while ((slash = path.find('/', slash)) != std::string::npos) enter_group(path.substr(0, slash++));
  return open_.empty() ? root() : open_.back().group.get();
}

void Hdf5File::leave_groups_not_above(const std::string& path) {
  const auto is_above = [&](const std::string& group) {
    return path.size() > group.size() && path[group.size()] == '/' &&
           path.compare(0, group.size(), group) == 0;
  };
  while (!open_.empty() && !is_above(open_.back().path)) open_.pop_back();
}

void Hdf5File::enter_group(const std::string& path) {
  const hid_t parent = open_.empty() ? root() : open_.back().group.get();
  const std::string leaf = leaf_of(path);
  Handle group;
  if (made_.insert(path).second) {
    group = Handle(H5Gcreate2(parent, leaf.c_str(), link_properties_.get(), group_properties_.get(),
                              H5P_DEFAULT),
                   H5Gclose, "H5Gcreate2");
  } else {
    group = Handle(H5Gopen2(parent, leaf.c_str(), H5P_DEFAULT), H5Gclose, "H5Gopen2");
  }
  open_.push_back({path, std::move(group)});
}

Handle simple_space(const Shape& shape) {
  const std::vector<hsize_t> sizes(shape.begin(), shape.end());
  return Handle(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr), H5Sclose,
                "H5Screate_simple");
}

void set_attribute(hid_t object, const char* name, std::string_view text) {
  const std::string value(text);
  const Handle type = text_type(value.size());
  write_attribute(object, name, type.get(), type.get(), scalar_space(), value.c_str());
}

void set_attribute(hid_t object, const char* name, std::int64_t value) {
  write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, scalar_space(), &value);
}

void set_attribute(hid_t object, const char* name, const std::vector<std::int64_t>& values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  write_attribute(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, simple_space(shape),
                  values.data());
}

void set_attribute(hid_t object, const char* name, const std::vector<std::string>& texts) {
  const std::size_t width = longest(texts);
  std::string values;
  for (const std::string& text : texts) values += text + std::string(width - text.size(), '\0');
  const Handle type = text_type(width);
  const Shape shape{static_cast<std::int64_t>(texts.size())};
  write_attribute(object, name, type.get(), type.get(), simple_space(shape), values.c_str());
}

void write_attributes(hid_t dataset, const Entry& entry) {
  if (entry.kind != Kind::kTensor) set_attribute(dataset, "kind", to_string(entry.kind));
  if (needs_dtype_attribute(entry.dtype)) set_attribute(dataset, "dtype", name_of(entry.dtype));
}

void sign_root(Hdf5File& file, std::string_view format) {
  set_attribute(file.root(), "format", format);
  set_attribute(file.root(), "version", std::int64_t{kFormatVersion});
}

}  // namespace holdfast::format
