// Reads a zip archive that anybody may have made. Error(kUnsupported) for entries that are
// encrypted or compressed in another way than by deflate.
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

// An entry, as the archive's directory describes it. The entry itself may differ.
struct ZipRecord {
  std::string name;
  std::uint64_t index = 0;
  std::uint64_t bytes = 0;         // uncompressed
  std::uint64_t stored_bytes = 0;  // in the file, compressed or not
  bool is_compressed = false;
};

// Whether these are the first bytes of an archive that has an entry.
bool is_zip(std::string_view start);

struct ZipHandle;  // libzip's state of an archive

// Keeps the file open. Several threads may call const methods at once; their reads happen one after
// the other. Error(kCorrupt) for what is damaged.
class ZipArchive {
 public:
  // Reads the directory, and finds where the entries lie. Error(kCorrupt) also for two entries of
  // one name, for entries that have bytes of the file in common, and for an entry that claims to be
  // larger than deflate can make its bytes. So all entries together are at most 1032 times as large
  // as the file.
  explicit ZipArchive(File file);
  ~ZipArchive();

  const std::string& path() const { return file_.path(); }
  const std::vector<ZipRecord>& records() const { return records_; }  // in the archive's order
  const ZipRecord* find(std::string_view name) const;                 // nullptr: no such entry

  // Reads bytes of an entry that is not compressed. Precondition: the entry has them.
  void read_stored(const ZipRecord& record, std::uint64_t offset, ByteSpan to) const;

  // The first bytes of any entry. Fewer than `bytes` only if the entry is shorter.
  std::vector<std::byte> read_start(const ZipRecord& record, std::uint64_t bytes) const;

  // All bytes of any entry, compared with its checksum. Error(kCorrupt) if they are more than
  // `limit`.
  std::vector<std::byte> read_all(const ZipRecord& record, std::uint64_t limit) const;

  // Reads any entry to its end. `use` gets it in parts of up to 1 MiB, each valid until the call
  // returns. Compares the checksum after the last part.
  void read_parts(const ZipRecord& record, const std::function<void(ByteView)>& use) const;

  // Where zip_source() keeps unpacked entries.
  Spool& spool() const { return spool_; }

 private:
  void require_entries_apart() const;

  File file_;
  std::unique_ptr<ZipHandle> handle_;
  std::vector<ZipRecord> records_;
  std::unordered_map<std::string_view, std::size_t> by_name_;
  mutable Spool spool_;
};

// The bytes of an entry from `offset` on. The first copy() compares all of the entry with its
// checksum; it unpacks a compressed entry into the archive's spool, which keeps it as long as the
// archive lives.
std::shared_ptr<Source> zip_source(std::shared_ptr<const ZipArchive> archive,
                                   const ZipRecord& record, std::uint64_t offset = 0);

}  // namespace holdfast::exchange
