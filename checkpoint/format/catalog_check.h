// Checks that a catalog is what catalog.h promises. Internal to format/.
#pragma once

#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

inline constexpr int kMaxShards = 99'999;  // five digits in the name of the file

// True if an entry of this kind may have this dtype and this shape.
bool kind_allows(const Entry& entry);

// Checks the entries: their names, kinds, shapes and aliases, and that pieces cover each entry
// exactly once. Does not look at offsets or at the sizes of files. Throws an Error(kind) that names
// the entry for the first thing that is wrong; `path` is for messages. O(n log n).
void check_structure(const Catalog& catalog, ErrorKind kind, const std::string& path);

// Checks offsets and the sizes of files, for a catalog that has passed check_structure(). Throws as
// check_structure() does.
void check_placement(const Catalog& catalog, ErrorKind kind, const std::string& path);

}  // namespace holdfast::format
