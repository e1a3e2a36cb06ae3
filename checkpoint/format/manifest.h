// The manifest: what makes a directory a checkpoint. docs/format.md, "Manifest".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/base/digest.h>
#include <holdfast/checkpoint/format/retention_policy.h>

namespace holdfast::format {

// Of catalogs, shards and the index; a manifest has 2 with a policy of retention, and 3 with
// optional parts.
inline constexpr int kFormatVersion = 1;
inline constexpr std::uint64_t kBlockBytes = 1 << 20;          // the unit of digests
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

struct Origin {
  std::string run_id;
  std::int64_t step = 0;
  std::string path;  // of the checkpoint directory, as it was given

  bool operator==(const Origin& other) const;
};

struct Manifest {
  std::int64_t step = 0;  // completed optimizer steps
  std::string created;    // UTC, "2026-01-31T12:00:00.000Z"
  std::string run_id;     // 32 hex digits; the same through all resumes of a run
  std::optional<Origin> resumed_from;
  std::map<std::string, std::string> environment;    // "torch": "1.13.1", "threads": "2" …
  std::map<std::string, std::string> configuration;  // dotted key: value as text
  std::map<std::string, double> metrics;             // exact; NaN and infinities are kept
  std::optional<RetentionPolicy> retention;          // by which its run keeps checkpoints
  std::vector<JournalRecord> journals;
  std::vector<FileRecord> files;  // the catalog, the index, every shard, files of other kinds
  // Version 3: files may have a kind, and the index may be left out.
  bool has_optional_parts = false;

  const FileRecord* file(const std::string& name) const;  // nullptr: none of that name
  bool operator==(const Manifest& other) const;
};

// JSON text that ends with a digest of itself. decode refuses (Error(kCorrupt)) a text that is cut,
// altered or not of the promised form, and (Error(kVersion)) one of a newer format, or that
// requires an optional part of it that this Holdfast does not know. `path` is for messages. encode
// refuses (Error(kInvalidArgument)) a manifest that decode would refuse: created and run_id as
// above, file names without '/', as many digests as blocks. Neither does I/O.
std::string encode(const Manifest& manifest);
Manifest decode_manifest(ByteView text, const std::string& path);

}  // namespace holdfast::format
