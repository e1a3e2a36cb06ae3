#include <holdfast/checkpoint/format/hdf5/reading_driver.h>

#include <exception>
#include <utility>

#include <holdfast/checkpoint/format/hdf5/driver.h>

namespace holdfast::format {
namespace {

// The callbacks below are called from C: no exception may leave them.

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
  return state_of<ReadingInput>(file).end_of_allocation;
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  state_of<ReadingInput>(file).end_of_allocation = end;
  return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) {
  return state_of<ReadingInput>(file).bytes.size;
}

herr_t read_input(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count, void* to) {
  ReadingInput& input = state_of<ReadingInput>(file);
  if (offset > input.bytes.size || count > input.bytes.size - offset) return -1;
  try {
    input.bytes.read(offset, ByteSpan(to, count));
    return 0;
  } catch (...) {
    input.failure = std::current_exception();
    return -1;
  }
}

herr_t refuse_to_write(H5FD_t*, H5FD_mem_t, hid_t, haddr_t, size_t, const void*) {
  return -1;
}

H5FD_class_t reading_driver() {
  H5FD_class_t driver = driver_class("holdfast_reading", 1);
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read_input;
  driver.write = refuse_to_write;
  return driver;
}

}  // namespace

DrivenFile open_to_read(ReadingInput& input) {
  DriverAccess to = driver_access(reading_driver(), &input);
  return {std::move(to.driver),
          Handle(H5Fopen("file", H5F_ACC_RDONLY, to.access.get()), H5Fclose, "H5Fopen")};
}

}  // namespace holdfast::format
