// A virtual file driver for libhdf5 that reads from a function of ours and cannot write. Internal
// to format/.
#pragma once

#include <exception>

#include <holdfast/checkpoint/format/hdf5/handles.h>
#include <holdfast/checkpoint/format/hdf5/plain_file.h>

namespace holdfast::format {

// What libhdf5 reads from. Must outlive the handle of the file.
struct ReadingInput {
  const FileBytes& bytes;
  std::exception_ptr failure;     // what bytes.read() threw: no exception may pass through libhdf5
  haddr_t end_of_allocation = 0;  // that libhdf5 has set
};

// Opens an HDF5 file for reading. libhdf5 itself opens no file of the file system.
DrivenFile open_to_read(ReadingInput& input);

}  // namespace holdfast::format
