// The manifest: the file that makes a directory a checkpoint. docs/format.md, "Manifest".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/item/retention_policy.h>

namespace holdfast::format {

// The version of catalogs, shards and the index. A manifest with a retention policy has version 2,
// one with optional parts version 3.
inline constexpr int kFormatVersion = 1;
inline constexpr std::uint64_t kBlockBytes = 1 << 20;          // each block has a digest
inline constexpr std::uint64_t kMaxManifestBytes = 256 << 20;  // a larger text is refused

// A file of the checkpoint other than the manifest. blocks[i] is the digest of bytes
// [i * kBlockBytes, (i + 1) * kBlockBytes); the last block may be short.
struct FileRecord {
  std::string name;
  std::uint64_t bytes = 0;
  std::vector<Digest> blocks;
  // "onnx", "graph" …: a file beside the catalog, the index and the shards, which have none.
  // Readers verify and copy a file of a kind that they do not know, and make no other use of it.
  std::string kind{};

  bool operator==(const FileRecord& other) const;
};

// A file beside the checkpoints that grows with the run (metrics.csv): its first `bytes` bytes
// belong to this checkpoint.
struct JournalRecord {
  std::string name;
  std::uint64_t bytes = 0;
  Digest digest;  // of those bytes

  bool operator==(const JournalRecord& other) const;
};

// The checkpoint that a checkpoint's run was resumed from, or that it was made from.
struct Origin {
  std::string run_id;
  std::int64_t step = 0;
  std::string path;  // of that checkpoint's directory, as the user gave it

  bool operator==(const Origin& other) const;
};

struct Manifest {
  std::int64_t step = 0;  // completed optimizer steps
  std::string created;    // UTC, "2026-01-31T12:00:00.000Z"
  std::string run_id;     // 32 hex digits; the same through all resumes of a run
  std::optional<Origin> resumed_from;
  std::map<std::string, std::string> environment;    // "torch": "1.13.1", "threads": "2" …
  std::map<std::string, std::string> configuration;  // dotted key: value as text
  std::map<std::string, double> metrics;             // to the bit, NaN and infinities included
  std::optional<RetentionPolicy> retention;          // which checkpoints the run keeps
  std::vector<JournalRecord> journals;
  std::vector<FileRecord> files;  // the catalog, the index, every shard, files of other kinds
  // Version 3: files may have a kind, and the index may be left out.
  bool has_optional_parts = false;

  const FileRecord* file(const std::string& name) const;  // nullptr if there is none of that name
  bool operator==(const Manifest& other) const;
};

// To and from JSON text that ends with a digest of itself. Neither does I/O; `path` is for
// messages. decode_manifest() throws Error(kCorrupt) for a text that is cut, altered or not of this
// form. It throws Error(kVersion) for a newer format, and for a text that requires an optional part
// that this Holdfast does not know. encode() throws Error(kInvalidArgument) for a manifest that
// decode_manifest() would refuse (`created` and `run_id` must be as above, file names without '/',
// one digest for each block), and Error(kUnsupported) if the text is too large.
std::string encode(const Manifest& manifest);
Manifest decode_manifest(ByteView text, const std::string& path);

}  // namespace holdfast::format
