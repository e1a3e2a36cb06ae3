#include <holdfast/checkpoint/format/hdf5/attributes.h>

namespace holdfast::format {
namespace {

constexpr std::size_t kMaxTextBytes = 64;

struct Attribute {
  Handle id, type;
  bool is_scalar;
};

std::optional<Attribute> open_attribute(hid_t object, const char* name) {
  if (checked(H5Aexists(object, name), "H5Aexists") == 0) return std::nullopt;
  Handle id(H5Aopen(object, name, H5P_DEFAULT), H5Aclose, "H5Aopen");
  Handle type(H5Aget_type(id.get()), H5Tclose, "H5Aget_type");
  const Handle space(H5Aget_space(id.get()), H5Sclose, "H5Aget_space");
  const bool is_scalar = H5Sget_simple_extent_type(space.get()) == H5S_SCALAR;
  return Attribute{std::move(id), std::move(type), is_scalar};
}

bool is_short_text(hid_t type) {
  return H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) == 0 &&
         H5Tget_size(type) <= kMaxTextBytes;
}

}  // namespace

std::optional<std::string> text_attribute(hid_t object, const char* name) {
  const auto attribute = open_attribute(object, name);
  if (!attribute || !attribute->is_scalar || !is_short_text(attribute->type.get()))
    return std::nullopt;
  std::string text(H5Tget_size(attribute->type.get()), '\0');
  checked(H5Aread(attribute->id.get(), attribute->type.get(), text.data()), "H5Aread");
  return text.substr(0, text.find('\0'));
}

std::optional<std::int64_t> integer_attribute(hid_t object, const char* name) {
  const auto attribute = open_attribute(object, name);
  if (!attribute || !attribute->is_scalar ||
      checked(H5Tequal(attribute->type.get(), H5T_STD_I64LE), "H5Tequal") == 0)
    return std::nullopt;
  std::int64_t value = 0;
  checked(H5Aread(attribute->id.get(), H5T_STD_I64LE, &value), "H5Aread");
  return value;
}

}  // namespace holdfast::format
