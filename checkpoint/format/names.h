// The names of entries: components joined by '/'. Components are escaped, so that any string can be
// one and different strings never give the same name. docs/format.md, "Names".
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::format {

inline constexpr std::size_t kMaxNameBytes = 4096;     // of a joined name
inline constexpr std::size_t kMaxNameComponents = 64;  // each becomes a group of the HDF5 files

// Escapes one component. '%', '/', control bytes (0–31, 127), bytes that are not valid UTF-8, and
// the dots of "." and ".." become %XX (upper-case hex). The empty string becomes "%".
std::string escape(std::string_view component);

// The inverse of escape(). Empty if escape() returns no such text.
std::optional<std::string> unescape(std::string_view text);

// Escapes the components and joins them by '/': "models/mlp/parameters/fc1.weight".
// Error(kInvalidArgument) if there are no components or more than kMaxNameComponents, or if the
// name is longer than kMaxNameBytes.
std::string join(std::initializer_list<std::string_view> components);

// The components of a name, still escaped; at least one. They are views of `name`.
std::vector<std::string_view> components_of(std::string_view name);

// The inverse of join(): the components, unescaped. Empty if one of them is malformed.
std::optional<std::vector<std::string>> split(std::string_view name);

// True if join() could have returned this name.
bool is_valid_name(std::string_view name);

// True if the pattern matches the whole name, as fnmatch(3) has it; '*' also matches '/'.
bool matches(const std::string& pattern, const std::string& name);

// The pattern that matches this text and nothing else.
std::string literal(std::string_view text);

}  // namespace holdfast::format
