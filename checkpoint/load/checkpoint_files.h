// Reading one checkpoint directory: its manifest, its catalog, and the verified bytes of its
// entries.
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

// Rows of an entry to be read, and where they go. The sink's offset 0 is the first byte of `row`.
struct ReadRequest {
  const format::Entry* entry = nullptr;  // of this checkpoint's catalog; aliases are followed
  Sink* sink = nullptr;                  // not owned
  std::int64_t row = 0;
  std::optional<std::int64_t> rows = std::nullopt;  // empty: all from `row` on
};

// Bytes of an entry to be read, wherever its rows begin and end.
struct ByteRequest {
  const format::Entry* entry = nullptr;  // as above
  Sink* sink = nullptr;
  std::uint64_t offset = 0;  // of the first byte in the entry, and of the sink's offset 0
  std::uint64_t bytes = 0;
};

// The bytes of an entry, mapped: the owner keeps them there.
struct MappedEntry {
  std::shared_ptr<const Mapping> owner;
  ByteSpan
      bytes;  // writable in private; empty, and the owner null, where they are not in one place
};

// An open checkpoint directory. Takes no lock and writes nothing. Holds the directory open: a
// rename does not disturb it; files that vanish (the run retired the checkpoint) are an
// Error(kRetired). All methods may be called by several threads at once.
class CheckpointFiles {
 public:
  // Reads manifest and catalog and checks both. Error(kNotFound) without a manifest: that is no
  // checkpoint; kCorrupt or kVersion as format/ says; kMismatch if its directory has the name of
  // another step.
  explicit CheckpointFiles(Directory directory);

  const format::Manifest& manifest() const { return manifest_; }
  const format::Catalog& catalog() const { return catalog_; }
  const std::string& path() const { return directory_.path(); }
  const Directory& directory() const { return directory_; }

  const format::Entry* find(const std::string& name) const;         // nullptr: no such entry
  const format::Entry& original(const format::Entry& entry) const;  // what it is an alias of, or it
  const format::FileRecord& shard(int shard) const;  // what the manifest says of that file

  // Reads what is asked for, in parallel, each 1 MiB block of a shard once, straight to where it
  // belongs if all of the block goes to one sink's memory. When it returns, every block had its
  // digest. Error(kCorrupt) names file and block; sinks may then have been written in part.
  void read(const std::vector<ReadRequest>& requests, int threads) const;
  void read_bytes(const std::vector<ByteRequest>& requests, int threads) const;

  // The bytes of each of the entries without a copy, verified as by read(). Those of an entry that
  // is cut into several pieces, or has none, are not in one place.
  std::vector<MappedEntry> map(const std::vector<const format::Entry*>& entries, int threads) const;

 private:
  Directory directory_;
  format::Manifest manifest_;
  format::Catalog catalog_;
  std::vector<std::size_t> shard_records_;  // by shard, in manifest_.files
  std::unordered_map<std::string, std::size_t> by_name_;
};

// What is wrong with a checkpoint, by file and by entry.
struct Damage {
  std::string file;                  // "shard-00000-of-00002.h5"
  std::string problem;               // "block 3 (bytes 3145728 to 4194304) differs from its digest"
  std::vector<std::string> entries;  // names of the entries whose bytes are hurt
};

// How much verify() looks at.
enum class VerifyDepth {
  kQuick,  // manifest, catalog, and that every file has its size
  kFull,   // and every block of every file
  kDeep,   // and that headers and index are what the catalog makes them
};

// Empty: sound. A block is reported after it failed twice. Throws only where it could not look
// (kIo, kPermission, kRetired, kVersion): then nothing is proven. `progress` is told of the bytes
// of the blocks that have been looked at.
std::vector<Damage> verify(const Directory& directory, VerifyDepth depth, int threads,
                           const Progress& progress = {});

// The same, for one file of an open checkpoint; empty, too, if it has no file of that name.
std::vector<Damage> verify_file(const CheckpointFiles& files, const std::string& name, int threads);

// What goes on from it is of this origin, by an absolute path, which stays right when the next
// process starts elsewhere; without symbolic links, if it is still there.
format::Origin origin_of(const CheckpointFiles& files);

}  // namespace holdfast
