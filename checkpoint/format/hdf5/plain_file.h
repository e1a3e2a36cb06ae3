// Lists the datasets of an HDF5 file that anybody may have written, and where their bytes lie.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

// The bytes of a file. `read` fills `to` with the bytes from `offset` on, or throws.
struct FileBytes {
  std::uint64_t size = 0;
  std::function<void(std::uint64_t offset, ByteSpan to)> read;
};

// A dataset whose bytes lie in one place of the file, in little-endian and row-major order.
struct PlainDataset {
  std::string name;  // its path, without the first "/"
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  std::string alias_of;      // if not empty: this is another name of the dataset of that name
  std::uint64_t offset = 0;  // in the file; 0 if the dataset has no bytes
};

struct PlainFile {
  bool is_shard = false;               // its root says that it is the only shard of a checkpoint
  std::vector<PlainDataset> datasets;  // by name, the aliases behind all others
};

// Lists what the file holds. Throws Error(kUnsupported) with the object's name, and reads nothing
// more of the object, for external and user-defined links, virtual and external storage, filters,
// chunked and compact storage, types that a checkpoint cannot hold, groups with two names, and soft
// links that do not lead to a dataset. The kinds of values (kScalar, kText …) are known only in a
// shard of Holdfast. Error(kCorrupt) if libhdf5 cannot read the file; Error(kVersion) for a shard
// or an index that a newer Holdfast wrote.
//
// libhdf5 may crash or hang on a damaged file. So call this in a process of its own that was forked
// after prepare_libhdf5_for_forks() and has few rights.
PlainFile list_datasets(const FileBytes& file);

// Initializes libhdf5. From then on fork(2) waits while this library is using libhdf5 on another
// thread, so that the new process can use libhdf5.
void prepare_libhdf5_for_forks();

}  // namespace holdfast::format
