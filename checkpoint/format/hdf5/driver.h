// What the virtual file drivers for libhdf5 have in common. Internal to format/.
#pragma once

#include <holdfast/checkpoint/format/hdf5/handles.h>

// hdf5.h had this until 1.14.
#if H5_VERSION_GE(1, 14, 0)
#include <H5FDdevelop.h>
#endif

namespace holdfast::format {

// The state that the driver of an open file works on, as driver_access() was given it. In a
// driver's calls only.
void* driver_state(const H5FD_t* file);
template <typename State>
State& state_of(const H5FD_t* file) {
  return *static_cast<State*>(driver_state(file));
}

// A driver of that name with the calls that are the same in all: open, close, query and the like.
// The caller adds those by which it allocates, reads and writes; HDF5 calls them from C, and no
// exception may leave them. `number` tells drivers of ours apart: from 0 to 100.
H5FD_class_t driver_class(const char* name, int number);

struct DriverAccess {
  Handle driver;  // registered; outlives the file
  Handle access;  // file access properties that choose it
};

// Registers the driver for a file. The state outlives the file.
DriverAccess driver_access(const H5FD_class_t& driver, void* state);

}  // namespace holdfast::format
