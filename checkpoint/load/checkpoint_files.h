// An open checkpoint: its manifest, its catalog, and the verified bytes of its entries.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>
#include <holdfast/checkpoint/format/manifest.h>
#include <holdfast/checkpoint/item/sink.h>
#include <holdfast/checkpoint/load/progress.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast {

// Rows of an entry to read, and where they go. The first byte of `row` is at the sink's offset 0.
struct ReadRequest {
  const format::Entry* entry =
      nullptr;           // of this checkpoint's catalog; an alias stands for its target
  Sink* sink = nullptr;  // not owned
  std::int64_t row = 0;
  std::optional<std::int64_t> rows = std::nullopt;  // empty: all from `row` on
};

// Bytes of an entry to read, wherever its rows begin and end.
struct ByteRequest {
  const format::Entry* entry = nullptr;  // as above
  Sink* sink = nullptr;                  // not owned
  std::uint64_t offset = 0;              // in the entry; that byte is at the sink's offset 0
  std::uint64_t bytes = 0;
};

// The bytes of an entry in mapped memory, which lives as long as the owner. Writing to them changes
// no file. If they are not in one place, the owner is null and the bytes are empty.
struct MappedEntry {
  std::shared_ptr<const Mapping> owner;
  ByteSpan bytes;
};

// An open checkpoint directory. Takes no lock and writes nothing. The directory stays open, so that
// renaming it does not matter. If its run removes it, what is read next throws Error(kRetired). All
// methods may be called by several threads at once.
class CheckpointFiles {
 public:
  // Reads and checks manifest and catalog. Error(kNotFound): there is no manifest, so it is no
  // checkpoint; kCorrupt, kVersion: as the decoders in format/ say; kMismatch: the directory has
  // the name of another step.
  explicit CheckpointFiles(Directory directory);

  const format::Manifest& manifest() const { return manifest_; }
  const format::Catalog& catalog() const { return catalog_; }
  const std::string& path() const { return directory_.path(); }
  const Directory& directory() const { return directory_; }

  const format::Entry* find(const std::string& name) const;         // nullptr: no such entry
  const format::Entry& original(const format::Entry& entry) const;  // an alias's target, or itself
  const format::FileRecord& shard(int shard) const;                 // the manifest's record of it

  // Reads what is asked for, in parallel. Reads each 1 MiB block of a shard once, into the sink's
  // memory if all of it goes there. When this returns, every block has had its digest.
  // Error(kCorrupt) names the file and the block; sinks may then hold a part of the bytes.
  void read(const std::vector<ReadRequest>& requests, int threads) const;
  void read_bytes(const std::vector<ByteRequest>& requests, int threads) const;

  // Maps the bytes of each entry, without a copy, and verifies them as read() does. The bytes of an
  // entry that is cut into several pieces, or has no bytes, are not in one place.
  std::vector<MappedEntry> map(const std::vector<const format::Entry*>& entries, int threads) const;

 private:
  Directory directory_;
  format::Manifest manifest_;
  format::Catalog catalog_;
  std::vector<std::size_t> shard_records_;  // by shard, in manifest_.files
  std::unordered_map<std::string, std::size_t> by_name_;
};

// One thing that is wrong with a checkpoint.
struct Damage {
  std::string file;                  // "shard-00000-of-00002.h5"
  std::string problem;               // "block 3 (bytes 3145728 to 4194304) differs from its digest"
  std::vector<std::string> entries;  // names of the entries that have bytes there
};

// How much verify() looks at; each depth includes those before it.
enum class VerifyDepth {
  kQuick,  // manifest, catalog, and the size of every file
  kFull,   // every block of every file
  kDeep,   // that the HDF5 headers and the index are those that the catalog implies
};

// Returns what is wrong; empty if the checkpoint is sound. A block is reported when it has failed
// twice. Throws only if it could not look (kIo, kPermission, kRetired, kVersion): nothing is proven
// then. `progress` counts the bytes of the blocks that were looked at.
std::vector<Damage> verify(const Directory& directory, VerifyDepth depth, int threads,
                           const Progress& progress = {});

// The same for one file of an open checkpoint. Also empty if it has no file of that name.
std::vector<Damage> verify_file(const CheckpointFiles& files, const std::string& name, int threads);

// The origin that a manifest gives when its run goes on from this checkpoint. Its path is absolute,
// so that it stays right when the next process starts in another directory, and has no symbolic
// links if the checkpoint is still there.
format::Origin origin_of(const CheckpointFiles& files);

}  // namespace holdfast
