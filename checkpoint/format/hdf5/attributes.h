// Reads the attributes of an HDF5 object. Internal to format/; call only within a Hdf5Session.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <holdfast/checkpoint/format/hdf5/handles.h>

namespace holdfast::format {

// The value of an attribute. Empty if the object has no such attribute or if it has another type. A
// text is one string of fixed length, of 64 bytes at most; an integer has 64 bits with a sign.
std::optional<std::string> text_attribute(hid_t object, const char* name);
std::optional<std::int64_t> integer_attribute(hid_t object, const char* name);

}  // namespace holdfast::format
