// A checkpoint directory as plain values: to be damaged or forged, and put on a simulated disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::testing {

struct CheckpointImage {
  std::map<std::string, std::string> files;  // name: content
  std::set<std::string> directories;         // names that stand for an empty directory instead
};

// Two shards with one of every kind of entry, one of them cut. The values are those of the step,
// the structure is always the same.
CheckpointImage saved_image(std::int64_t step);

// On a disk of its own that has nothing else. A file may lie there under several names.
Directory on_disk(const CheckpointImage& image);

using Values = std::map<std::string, std::vector<std::byte>>;  // by the names of entries

Values values_of(const CheckpointImage& image);  // reads all of them at once
format::Catalog catalog_of(const CheckpointImage& image);
// The entries that have bytes in [from, to) of the shard, sorted.
std::vector<std::string> entries_in(const format::Catalog& catalog, int shard, std::uint64_t from,
                                    std::uint64_t to);

// Forging: what follows makes a lie consistent with all that vouches for it.

inline constexpr std::size_t kOwnDigestBytes = 45;  // of a manifest, at its end

// The text of a manifest with the digest at its end made right.
std::string with_own_digest(std::string manifest);
// Puts the file there and makes the manifest vouch for it, if it lists a file of that name.
void forge(CheckpointImage& image, const std::string& name, std::string content);
// Gives the record the size and the digests of the content.
void vouch_for(format::FileRecord& record, std::string_view content);
// The text with its first `from` replaced; throws if there is none.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace holdfast::testing
