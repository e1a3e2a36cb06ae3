// A virtual file driver for libhdf5 that only reads, from where we say. Internal to format/.
#pragma once

#include <exception>

#include <holdfast/checkpoint/format/hdf5/handles.h>
#include <holdfast/checkpoint/format/hdf5/plain_file.h>

namespace holdfast::format {

// What libhdf5 reads from. It outlives the handle of the file.
struct ReadingInput {
  const FileBytes& bytes;
  std::exception_ptr failure;     // what `bytes` threw
  haddr_t end_of_allocation = 0;  // that libhdf5 has set
};

// Opens an HDF5 file. libhdf5 opens nothing itself.
DrivenFile open_to_read(ReadingInput& input);

}  // namespace holdfast::format
