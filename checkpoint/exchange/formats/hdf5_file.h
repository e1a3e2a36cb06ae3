// HDF5 files without any of Holdfast's structure around them (.h5).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

struct Hdf5Contents {
  // The root says "holdfast shard", as write_hdf5_file has it: the names are names of entries
  // (format/names.h). In another file a name is a path as it is, "%41" and all.
  bool is_shard = false;
  std::vector<Item> items;
};

// The datasets of a file that anybody may have written, by their paths, in the order of these.
// Attributes are not read, but for those by which a shard tells kinds and dtypes. What
// is refused, before anything is read: format/hdf5/plain_file.h. libhdf5 looks at the file in a
// process of its own (isolated.h), so that damage that makes it crash or hang is an Error(kCorrupt)
// here; the values are read without it, when they are asked for. Two names of one dataset are a
// tie; of an aliased item the other name comes first.
//
// A program whose other threads use libhdf5 at that moment may see an Error(kCorrupt) though the
// file is sound: try again.
Hdf5Contents read_hdf5_file(File file);

// Writes one file with all the items, of every kind and dtype, ties as hard links: a shard as in
// docs/format.md, "Shards", that holds everything. The items' names are names of entries
// (format/names.h). The same items give the same bytes. Errors of format::lay_out_shard;
// Error(kExists) if the path is taken; after an error nothing is left.
void write_hdf5_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                     const std::vector<Item>& items);

}  // namespace holdfast::exchange
