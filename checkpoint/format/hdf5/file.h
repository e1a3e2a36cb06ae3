// Builds the objects of an HDF5 file: groups, datasets, links, attributes. Internal to format/; use
// only within a Hdf5Session.
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

// Creates objects at paths like "models/mlp/parameters/fc1.weight", and the groups above them. The
// same calls in the same order give the same bytes.
class Hdf5File {
 public:
  explicit Hdf5File(FileImage& image);

  // Creates a dataset. `properties` is a list of creation properties, or H5P_DEFAULT. Shape []
  // makes a scalar.
  Handle create_dataset(const std::string& path, DType dtype, const Shape& shape, hid_t properties);
  // Creates a dataset that has a type but no value (H5S_NULL).
  Handle create_null_dataset(const std::string& path, DType dtype);
  void link_hard(const std::string& target, const std::string& path);
  void link_external(const std::string& file, const std::string& target, const std::string& path);

  hid_t root() const { return root_.get(); }
  hid_t type(DType dtype);  // valid until close()

  // Writes what HDF5 still has in its cache into the image. No other function may be called
  // afterwards.
  void close();

 private:
  struct OpenGroup {
    std::string path;
    Handle group;
  };

  Handle create(const std::string& path, DType dtype, const Handle& space, hid_t properties);
  // The group that `path` lies in, created if needed. Valid until the next call.
  hid_t enter_parent(const std::string& path);
  void leave_groups_not_above(const std::string& path);
  void enter_group(const std::string& path);

  DrivenFile open_file_;
  Handle root_, group_properties_, link_properties_;
  std::map<DType, Handle> types_;
  std::unordered_set<std::string> made_;  // the paths of the groups that were created
  std::vector<OpenGroup> open_;  // the open groups, from the root downwards, without the root
  std::size_t datasets_ = 0;     // created so far
};

Handle simple_space(const Shape& shape);

// Creates an attribute of a group or a dataset. A text is stored as an ASCII string of fixed
// length.
void set_attribute(hid_t object, const char* name, std::string_view text);
void set_attribute(hid_t object, const char* name, std::int64_t value);
void set_attribute(hid_t object, const char* name, const std::vector<std::int64_t>& values);
void set_attribute(hid_t object, const char* name, const std::vector<std::string>& texts);

// Adds the attribute `kind` if the kind is not "tensor", and `dtype` if the HDF5 type does not tell
// it.
void write_attributes(hid_t dataset, const Entry& entry);

// Marks the file as Holdfast's by the attributes `format` and `version` of the root group.
void sign_root(Hdf5File& file, std::string_view format);

}  // namespace holdfast::format
