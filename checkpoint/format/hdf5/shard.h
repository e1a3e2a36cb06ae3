// Makes the bytes of shard files and of the index, as HDF5. libhdf5 is used only here and in hdf5/,
// and here it works on memory alone. docs/format.md, "Shards", "Index".
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

struct ShardPieces;  // the pieces of a catalog that lie in one shard

// Lays out the shards of a catalog one by one, after going through the catalog once. The catalog
// must outlive this object; meanwhile its entries and the number of its shards must not change.
class ShardLayout {
 public:
  // Error(kInvalidArgument) for a catalog that is not what catalog.h promises; Error(kUnsupported)
  // for a tensor that HDF5 cannot hold (more than 32 dimensions).
  explicit ShardLayout(Catalog& catalog);
  ~ShardLayout();

  // Does what lay_out_shard() does, for one shard of this catalog.
  std::vector<std::byte> lay_out(int shard);

  // A lower bound of the header's size, known without building it.
  std::uint64_t least_header_bytes(int shard) const;

 private:
  Catalog& catalog_;
  std::vector<ShardPieces> shards_;
  std::vector<std::vector<std::size_t>> aliases_;  // aliases_[i]: the entries that alias entry i
};

// Decides where the pieces of `shard` lie in its file. Fills in their offsets and
// catalog.shards[shard], and returns the header, which is shards[shard].header_bytes long. The file
// is a complete HDF5 file once the bytes of the pieces are written at their offsets and all gaps
// are zero. The result depends on the catalog alone: every version of HDF5 gives the same bytes.
// catalog.shards must have its final size; offsets that are already there are ignored.
//
// Errors: kInvalidArgument for a catalog that is not what catalog.h promises; kUnsupported for a
// tensor that HDF5 cannot hold (more than 32 dimensions) or a shard of more than 2^62 bytes. Cost:
// tens of microseconds and some 500 bytes for each entry, whatever the size of the payload.
// Threads: may be called from any; calls wait for each other.
std::vector<std::byte> lay_out_shard(Catalog& catalog, int shard);

// The bytes of index.h5: virtual datasets over the shard files of a catalog whose shards are all
// laid out. Errors, cost and threads as for lay_out_shard().
std::vector<std::byte> build_index(const Catalog& catalog);

std::string hdf5_version();  // of the libhdf5 that this process runs with: "1.10.8"
bool hdf5_is_threadsafe();   // true if others may call libhdf5 while this library does

}  // namespace holdfast::format
