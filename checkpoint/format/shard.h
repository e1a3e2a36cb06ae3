// The bytes of shard files and of the index, as HDF5. With its private helpers the only part of
// Holdfast that sees libhdf5, which works on memory alone here. docs/format.md, "Shards", "Index".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

inline constexpr std::uint64_t kPageBytes =
    4096;  // unit of header and file sizes, and of large pieces
inline constexpr std::uint64_t kLargePieceBytes = 64 << 10;  // pieces from here on start on a page

struct ShardPieces;  // what one shard has of a catalog

// Lays out the shards of a catalog. Looks through the catalog once, however many shards there are.
// The catalog outlives it, and its entries and the number of its shards stay as they are.
class ShardLayout {
 public:
  // A catalog that is not what catalog.h promises is an Error(kInvalidArgument); a tensor that HDF5
  // cannot hold (more than 32 dimensions) an Error(kUnsupported).
  explicit ShardLayout(Catalog& catalog);
  ~ShardLayout();

  // As lay_out_shard().
  std::vector<std::byte> lay_out(int shard);

  // A header has this many bytes at least: so much is known before one is built.
  std::uint64_t least_header_bytes(int shard) const;

 private:
  Catalog& catalog_;
  std::vector<ShardPieces> shards_;
  std::vector<std::vector<std::size_t>> aliases_;  // of each entry, by their places in the catalog
};

// Places the pieces of `shard` in its file: fills in their offsets and catalog.shards[shard], and
// returns the header, shards[shard].header_bytes long. Depends on nothing but the catalog: the same
// catalog gives the same bytes with every version of HDF5. catalog.shards must have its final size;
// offsets that are already there are ignored. Each file is a complete HDF5 file once the bytes of
// its pieces are put at their offsets and all gaps are zero. A catalog that is not what catalog.h
// promises is an Error(kInvalidArgument); a tensor that HDF5 cannot hold (more than 32 dimensions)
// or a shard beyond 2^62 bytes an Error(kUnsupported). Cost: tens of microseconds and some 500
// bytes an entry, whatever the size of the payload. Threads: calls are serialised within.
std::vector<std::byte> lay_out_shard(Catalog& catalog, int shard);

// The whole of index.h5: virtual datasets over the shard files of a catalog that is laid out.
// Errors, cost and threads as above.
std::vector<std::byte> build_index(const Catalog& catalog);

std::string hdf5_version();  // of the library that runs: "1.10.8"
bool hdf5_is_threadsafe();   // others may call it while we do

}  // namespace holdfast::format
