// The files of a checkpoint directory, opened and compared with what the manifest says of them.
#pragma once

#include <string>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/io/file.h>

namespace holdfast {

struct Member {
  File file;
  const format::FileRecord& record;  // of the manifest it was opened by
};

// Error(kNotFound) where there is no manifest: the directory is no checkpoint.
format::Manifest read_manifest(const Directory& directory);

// Reads catalog.json whole, verifies it, and checks that the manifest lists just the files that the
// catalog needs, at the sizes it says. Error(kCorrupt) if not.
format::Catalog read_catalog(const Directory& directory, const format::Manifest& manifest);

// Opens a file of the checkpoint. Error(kCorrupt) if it is not there, no regular file, or not of
// its size; Error(kRetired) if the whole checkpoint has gone meanwhile.
Member open_member(const Directory& directory, const format::Manifest& manifest,
                   const std::string& name);

}  // namespace holdfast
