// A checkpoint directory as its manifest describes it: opens its files and checks them against it.
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

inline constexpr const char* kManifestMissing = "the manifest is missing";

// Error(kNotFound), with these words, if the directory has no manifest.
File open_manifest(const Directory& checkpoint);

// Error(kNotFound) if the directory has no manifest, so that it is no checkpoint; Error(kRetired)
// if it was one when it was opened.
format::Manifest read_manifest(const Directory& checkpoint);

// Reads catalog.json and verifies it. Error(kCorrupt) if it is damaged, or the manifest lists other
// files, or files of other sizes, than the catalog needs.
format::Catalog read_catalog(const Directory& checkpoint, const format::Manifest& manifest);

// The indices in manifest.files of the shards' records, by shard. Manifest and catalog must be
// those that read_catalog() has compared.
std::vector<std::size_t> shard_records(const format::Manifest& manifest,
                                       const format::Catalog& catalog);

// An open file that the manifest lists.
struct ListedFile {
  File file;
  const format::FileRecord& record;  // of the manifest that it was opened by, which outlives this
};

// Error(kCorrupt) if the file is missing, no regular file, or not of its size; Error(kRetired) if
// the whole checkpoint has gone since it was opened.
ListedFile open_listed_file(const Directory& checkpoint, const format::Manifest& manifest,
                            const std::string& name);
ListedFile open_listed_file(const Directory& checkpoint, const format::FileRecord& record);

// Opens each file that the manifest lists and reads none. Errors as open_listed_file().
void require_complete(const Directory& checkpoint, const format::Manifest& manifest);

// Error(kMismatch) if the name of the directory at `path` is that of another step than the
// manifest's. A copy under such a name would be resumed as what it is not.
void require_named_step(const format::Manifest& manifest, const std::string& path);

// Error(kRetired) if the directory is no longer at its path: its run has removed it.
void require_present(const Directory& checkpoint);

// Error(kCorrupt), naming `path` and the block, if a block differs from its digest. `bytes` are
// whole blocks, the last one of the file included; they begin at `offset` of the file.
void check_blocks(ByteView bytes, std::uint64_t offset, const format::FileRecord& record,
                  const std::string& path);

}  // namespace holdfast
