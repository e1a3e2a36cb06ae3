// What an HDF5 file holds that anybody may have written: its datasets, and where their bytes lie.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/bytes.h>
#include <holdfast/checkpoint/format/catalog.h>

namespace holdfast::format {

// The bytes of a file. `read` fills what it is given from an offset within the file, or throws.
struct FileBytes {
  std::uint64_t size = 0;
  std::function<void(std::uint64_t offset, ByteSpan to)> read;
};

// A dataset whose bytes lie in one place of the file, little-endian and row-major.
struct PlainDataset {
  std::string name;  // its path, without the first "/"
  Kind kind = Kind::kTensor;
  DType dtype = DType::kUInt8;
  Shape shape;
  std::string alias_of;      // not empty: another name of that dataset
  std::uint64_t offset = 0;  // in the file; 0 where it has no bytes
};

struct PlainFile {
  bool is_shard = false;               // of Holdfast, by what its root says; it holds everything
  std::vector<PlainDataset> datasets;  // in the order of their names
};

// What a file holds. Refused (Error(kUnsupported), with the name)
// before anything else of them is read: external and user-defined links, virtual and external
// storage, filters, chunked and compact storage, types that a checkpoint cannot hold, groups with
// two names, and links that lead to no dataset. A shard of our own tells the kind of its values.
// Error(kCorrupt) if libhdf5 cannot read the file, Error(kVersion) for a shard or an index that a
// newer Holdfast wrote.
//
// libhdf5 may crash, or not end, on a damaged file: this is to be called in a process of its own,
// that was forked after prepare_libhdf5_for_forks() and has few rights.
PlainFile list_datasets(const FileBytes& file);

// Initializes libhdf5. From then on fork(2) waits while a thread is in it through this library, so
// that the new process can use it.
void prepare_libhdf5_for_forks();

}  // namespace holdfast::format
