// The files of a checkpoint directory, opened and compared with what the manifest says of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

struct ListedFile {
  File file;
  const format::FileRecord& record;  // of the manifest it was opened by
};

// Error(kRetired) where the directory's path leads elsewhere by now, or nowhere: the run has
// removed it.
void require_present(const Directory& directory);

// Error(kCorrupt) unless each block of the bytes has its digest. They begin at `offset` of the
// file, at the start of a block, and end with a block.
void check_blocks(ByteView bytes, std::uint64_t offset, const format::FileRecord& record,
                  const std::string& path);

inline constexpr const char* kManifestMissing = "the manifest is missing";

// Error(kNotFound), with these words, if the directory has no manifest.
File open_manifest(const Directory& checkpoint);

// Error(kNotFound) where there is no manifest: the directory is no checkpoint; kRetired where it
// was one.
format::Manifest read_manifest(const Directory& directory);

// Reads catalog.json whole, verifies it, and checks that the manifest lists just the files that the
// catalog needs, at the sizes it says. Error(kCorrupt) if not.
format::Catalog read_catalog(const Directory& directory, const format::Manifest& manifest);

// Error(kCorrupt) unless each file of the manifest is there, with its size. Reads none; kRetired as
// open_listed_file().
void require_complete(const Directory& directory, const format::Manifest& manifest);

// Error(kMismatch) if the directory at this path has the name of another step than the manifest's:
// a copy under another name would be resumed as what it is not.
void require_named_step(const format::Manifest& manifest, const std::string& path);

// Where the records of the shards are in manifest.files, by shard. Each is there: read_catalog.
std::vector<std::size_t> shard_records(const format::Manifest& manifest,
                                       const format::Catalog& catalog);

// Opens a file of the checkpoint. Error(kCorrupt) if it is not there, no regular file, or not of
// its size; Error(kRetired) if the whole checkpoint has gone meanwhile.
ListedFile open_listed_file(const Directory& directory, const format::Manifest& manifest,
                            const std::string& name);
ListedFile open_listed_file(const Directory& directory, const format::FileRecord& record);

}  // namespace holdfast
