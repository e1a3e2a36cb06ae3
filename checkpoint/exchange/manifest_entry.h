// What a file of a whole checkpoint has besides the entries: the manifest, and the order of the
// catalog. Internal to import and export.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

class FileFormat;

inline constexpr const char* kManifestEntry = "manifest";
inline constexpr const char* kOrderEntry = "entry_order";

// The manifest as a text of that name, without what belongs to the checkpoint's directory and run
// alone: files, journals and retention.
Item manifest_entry(format::Manifest manifest);

// Takes the entry out of the items. Empty if there is none; Error as decode_manifest(). `path` is
// for messages.
std::optional<format::Manifest> take_manifest(std::vector<Item>& items, const std::string& path);

// The items' names, a line each, as a text: HDF5 files sort what they hold.
Item order_entry(const std::vector<Item>& items);

// Takes the entry out of the items, and returns the names in it that items have, each once. Empty
// if there is none; Error(kCorrupt) if it is too large.
std::vector<std::string> take_order(std::vector<Item>& items, const std::string& path);

// What the keys of a format's metadata begin with in a manifest's environment: "safetensors."
std::string metadata_prefix(const FileFormat& format);

}  // namespace holdfast::exchange
