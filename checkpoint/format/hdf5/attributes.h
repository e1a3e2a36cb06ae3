// Reading the attributes of an HDF5 object. Internal to format/; to be used within a Hdf5Session.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <holdfast/checkpoint/format/hdf5/handles.h>

namespace holdfast::format {

// Empty if the object has no such attribute, or one of another type: text is one string of fixed
// length, 64 bytes at most.
std::optional<std::string> text_attribute(hid_t object, const char* name);
std::optional<std::int64_t> integer_attribute(hid_t object, const char* name);

}  // namespace holdfast::format
