#include <holdfast/checkpoint/format/hdf5/reading_driver.h>

#if H5_VERSION_GE(1, 14, 0)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

namespace holdfast::format {
namespace {

constexpr haddr_t kLargestAddress = (haddr_t{1} << 63) - 1;

// What the property list for file access passes to open(). HDF5 copies it as plain bytes.
struct DriverInfo {
  ReadingInput* input;
};

// HDF5 holds a pointer to the first member and never looks at the others.
struct OpenFile {
  H5FD_t base;
  ReadingInput* input;
  haddr_t end_of_allocation;
};

OpenFile& open_file_of(H5FD_t* file) {
  return *reinterpret_cast<OpenFile*>(file);
}

const OpenFile& open_file_of(const H5FD_t* file) {
  return *reinterpret_cast<const OpenFile*>(file);
}

// The callbacks below are called from C: no exception may leave them.

H5FD_t* open_input(const char*, unsigned, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  if (info == nullptr) return nullptr;
  auto* file = new (std::nothrow) OpenFile{H5FD_t{}, info->input, 0};
  return file == nullptr ? nullptr : &file->base;  // HDF5 owns it until it calls close_input()
}

herr_t close_input(H5FD_t* file) {
  std::unique_ptr<OpenFile>(&open_file_of(file)).reset();
  return 0;
}

herr_t query_features(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr) *flags = 0;
  return 0;
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
  return open_file_of(file).end_of_allocation;
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  open_file_of(file).end_of_allocation = end;
  return 0;
}

haddr_t end_of_file(const H5FD_t* file, H5FD_mem_t) {
  return open_file_of(file).input->bytes.size;
}

herr_t read_input(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count, void* to) {
  ReadingInput& input = *open_file_of(file).input;
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

// Versions of HDF5 differ in which members this structure has, and in their order. So it is zeroed
// and then filled by name.
H5FD_class_t driver_class() {
  H5FD_class_t driver = {};
#if H5_VERSION_GE(1, 14, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = H5_VFD_RESERVED + 101;  // from the range for drivers that are not HDF5's own
#endif
  driver.name = "holdfast_reading";
  driver.maxaddr = kLargestAddress;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_input;
  driver.close = close_input;
  driver.query = query_features;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_file;
  driver.read = read_input;
  driver.write = refuse_to_write;
  constexpr H5FD_mem_t map[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(map), std::end(map), std::begin(driver.fl_map));
  return driver;
}

}  // namespace

DrivenFile open_to_read(ReadingInput& input) {
  const H5FD_class_t description = driver_class();
  Handle driver(H5FDregister(&description), H5FDunregister, "H5FDregister");
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  const DriverInfo info{&input};
  checked(H5Pset_driver(access.get(), driver.get(), &info), "H5Pset_driver");
  return {std::move(driver),
          Handle(H5Fopen("file", H5F_ACC_RDONLY, access.get()), H5Fclose, "H5Fopen")};
}

}  // namespace holdfast::format
