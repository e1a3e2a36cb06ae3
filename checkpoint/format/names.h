// The names of entries: paths of components, escaped so that any string is a valid component and
// distinct strings never collide. docs/format.md, "Names".
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::format {

inline constexpr std::size_t kMaxNameBytes = 4096;     // of a joined name
inline constexpr std::size_t kMaxNameComponents = 64;  // each is a group of the HDF5 files

// One component, escaped: '%', '/', control bytes (0–31, 127), bytes that are not valid UTF-8, and
// "." or ".." as a whole become %XX (upper-case hex); the empty string becomes "%".
std::string escape(std::string_view component);

// The inverse; empty if the text is not something that escape() returns.
std::optional<std::string> unescape(std::string_view text);

// The components, each escaped, joined by '/': "models/mlp/parameters/fc1.weight".
// Error(kInvalidArgument) without a component, or if there are more, or the name is longer, than
// allowed.
std::string join(std::initializer_list<std::string_view> components);

// The components of a joined name, unescaped; empty if one of them is malformed.
std::optional<std::vector<std::string>> split(std::string_view name);

// True if join() could have returned it.
bool is_valid_name(std::string_view name);

// A pattern of fnmatch(3) on a whole name; '*' also matches '/'.
bool matches(const std::string& pattern, const std::string& name);

// The pattern that matches just this text.
std::string literal(std::string_view text);

}  // namespace holdfast::format
