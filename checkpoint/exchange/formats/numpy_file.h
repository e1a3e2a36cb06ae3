// Files of numpy.savez (.npz): a zip archive of arrays.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <holdfast/checkpoint/item/source.h>
#include <holdfast/checkpoint/storage/file.h>

namespace holdfast::exchange {

// The arrays, named without their ".npy", in the archive's order. Arrays in Fortran order are
// gathered as they are read. Those of numpy.savez_compressed are unpacked into a temporary file
// (spool.h), each when it is first asked for; an array that is not as large as its header says is
// refused before. Errors as npy.h, zip_archive.h and spool.h say;
// Error(kUnsupported) for an entry that is no array.
std::vector<Item> read_numpy_file(File file);

// Writes the tensors, not compressed, each aligned to 64 bytes. Items are tensors without ties, of
// dtypes that numpy has: what else is refused by write_file (file_format.h). The same items give
// the same bytes. Error(kUnsupported) for both "a" and "a.npy", which numpy confuses;
// Error(kExists) if the path is taken; after an error nothing is left.
void write_numpy_file(std::shared_ptr<FileSystem> fs, const std::string& path,
                      const std::vector<Item>& items);

}  // namespace holdfast::exchange
