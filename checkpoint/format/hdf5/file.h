// The objects of an HDF5 file under construction: groups, datasets, links, attributes. Internal to
// format/; to be used within a Hdf5Session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/hdf5/memory_driver.h>

namespace holdfast::format {

// Creates what it is asked for at paths like "models/mlp/parameters/fc1.weight", and the groups
// above it. Same calls, same bytes.
class Hdf5File {
 public:
  explicit Hdf5File(FileImage& image);

  // A dataset of these creation properties (H5P_DEFAULT: none). Shape [] is a scalar.
  Handle create_dataset(const std::string& path, DType dtype, const Shape& shape, hid_t properties);
  // A dataset with a type and no value, H5S_NULL.
  Handle create_null_dataset(const std::string& path, DType dtype);
  void link_hard(const std::string& target, const std::string& path);
  void link_external(const std::string& file, const std::string& target, const std::string& path);

  hid_t root() const { return root_.get(); }
  hid_t type(DType dtype);  // owned by this object

  // Writes what is still in HDF5's cache into the image. Nothing else may be called afterwards.
  void close();

 private:
  struct OpenGroup {
    std::string path;
    Handle group;
  };

  Handle create(const std::string& path, DType dtype, const Handle& space, hid_t properties);
  // The group that `path` lies in, created as needed; valid until the next call.
  hid_t enter_parent(const std::string& path);
  void leave_groups_not_above(const std::string& path);
  void enter_group(const std::string& path);

  DrivenFile open_file_;
  Handle root_, group_properties_, link_properties_;
  std::map<DType, Handle> types_;
  std::unordered_set<std::string> made_;  // paths of groups
  std::vector<OpenGroup> open_;           // from the root downwards, root left out
  std::size_t datasets_ = 0;              // created so far
};

Handle simple_space(const Shape& shape);

// Attributes of a group or a dataset. Text is stored as one fixed-length ASCII string.
void set_attribute(hid_t object, const char* name, std::string_view text);
void set_attribute(hid_t object, const char* name, std::int64_t value);
void set_attribute(hid_t object, const char* name, const std::vector<std::int64_t>& values);
void set_attribute(hid_t object, const char* name, const std::vector<std::string>& texts);

// `kind` where it is not "tensor", and `dtype` where the HDF5 type does not tell it.
void describe(hid_t dataset, const Entry& entry);

// Marks the file as ours: `format` and `version` on the root group.
void sign_root(Hdf5File& file, std::string_view format);

}  // namespace holdfast::format
