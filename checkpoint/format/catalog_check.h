// What a catalog promises, checked. Internal to format/.
#pragma once

#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

inline constexpr int kMaxShards = 99'999;  // five digits in the name of the file

// Whether dtype and shape go with the kind.
bool kind_allows(const Entry& entry);

// Entries: names, kinds, shapes, aliases, and pieces that cover each entry exactly once. Offsets
// and the sizes of files are not looked at. The first thing that is wrong is thrown as an
// Error(kind) that names the entry; `path` is for messages. O(n log n).
void check_structure(const Catalog& catalog, ErrorKind kind, const std::string& path);

// Offsets and the sizes of files, of a catalog whose structure is sound.
void check_placement(const Catalog& catalog, ErrorKind kind, const std::string& path);

}  // namespace holdfast::format
