// A zip archive that somebody else may have made, to read. Encrypted entries, and other ways to
// compress than deflate, are not read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <holdfast/checkpoint/exchange/files/spool.h>
#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// An entry, as the archive's directory describes it: what is there may differ.
struct ZipRecord {
  std::string name;
  std::uint64_t index = 0;
  std::uint64_t bytes = 0;         // uncompressed
  std::uint64_t stored_bytes = 0;  // as they are in the file
  bool is_compressed = false;
};

struct ZipHandle;  // libzip's state of an archive

// Keeps the file open. Const methods may be called by several threads at once; what they read goes
// through one after the other. Errors: kCorrupt for what is damaged, kUnsupported as said above.
class ZipArchive {
 public:
  // Reads the directory, and finds where the entries lie. Error(kCorrupt), too, for a name twice,
  // for entries that have bytes of the file in common, and for one that says it is larger than what
  // deflate can make of its bytes: all entries together are at most 1032 times as large as the
  // file.
  explicit ZipArchive(File file);
  ~ZipArchive();

  const std::string& path() const { return file_.path(); }
  const std::vector<ZipRecord>& records() const { return records_; }  // in the archive's order
  const ZipRecord* find(std::string_view name) const;                 // nullptr: no such entry

  // Bytes of an entry that is not compressed, which has them, as they are.
  void read_stored(const ZipRecord& record, std::uint64_t offset, ByteSpan to) const;

  // The first bytes of any entry: fewer than asked for only where the entry ends.
  std::vector<std::byte> read_start(const ZipRecord& record, std::uint64_t bytes) const;

  // All of any entry, compared with its checksum. Error(kCorrupt) if it is larger than `limit`.
  std::vector<std::byte> read_all(const ZipRecord& record, std::uint64_t limit) const;

  // Reads all of an entry, and compares it with its checksum when `use` has had all of it, in
  // parts of some MiB that are there until it returns.
  void read_parts(const ZipRecord& record, const std::function<void(ByteView)>& use) const;

  // For what is unpacked.
  Spool& spool() const { return spool_; }

 private:
  void require_entries_apart() const;

  File file_;
  std::unique_ptr<ZipHandle> handle_;
  std::vector<ZipRecord> records_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  mutable Spool spool_;
};

// The bytes of an entry from `offset` on. One that is not compressed is read as it is asked for,
// once all of it has been compared with its checksum; one that is compressed is unpacked into the
// archive's spool then, which keeps it until the archive goes.
std::shared_ptr<Source> zip_source(std::shared_ptr<const ZipArchive> archive,
                                   const ZipRecord& record, std::uint64_t offset = 0);

}  // namespace holdfast::exchange
