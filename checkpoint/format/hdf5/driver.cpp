#include <holdfast/checkpoint/format/hdf5/driver.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <new>
#include <utility>

namespace holdfast::format {
namespace {

constexpr haddr_t kLargestAddress = (haddr_t{1} << 63) - 1;

// What the property list for file access passes to open(). HDF5 copies it as plain bytes.
struct DriverInfo {
  void* state;
};

// HDF5 holds a pointer to the first member and never looks at the second.
struct OpenFile {
  H5FD_t base;
  void* state;
};

H5FD_t* open_file(const char*, unsigned, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  if (info == nullptr) return nullptr;
  auto* file = new (std::nothrow) OpenFile{H5FD_t{}, info->state};
  return file == nullptr ? nullptr : &file->base;  // HDF5 owns it until it calls close_file()
}

herr_t close_file(H5FD_t* file) {
  std::unique_ptr<OpenFile>(reinterpret_cast<OpenFile*>(file)).reset();
  return 0;
}

herr_t query_features(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr) *flags = 0;  // no aggregation: HDF5 asks for each allocation separately
  return 0;
}

}  // namespace

void* driver_state(const H5FD_t* file) {
  return reinterpret_cast<const OpenFile*>(file)->state;
}

H5FD_class_t driver_class(const char* name, [[maybe_unused]] int number) {
  // Versions of HDF5 differ in which members this structure has, and in their order. So it is
  // zeroed and then filled by name.
  H5FD_class_t driver = {};
#if H5_VERSION_GE(1, 14, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value =
      H5_VFD_RESERVED + 100 + number;  // from the range for drivers that are not HDF5's own
#endif
  driver.name = name;
  driver.maxaddr = kLargestAddress;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_file;
  driver.close = close_file;
  driver.query = query_features;
  constexpr H5FD_mem_t map[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(map), std::end(map), std::begin(driver.fl_map));
  return driver;
}

DriverAccess driver_access(const H5FD_class_t& driver, void* state) {
  Handle registered(H5FDregister(&driver), H5FDunregister, "H5FDregister");
  Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  const DriverInfo info{state};
  checked(H5Pset_driver(access.get(), registered.get(), &info), "H5Pset_driver");
  return {std::move(registered), std::move(access)};
}

}  // namespace holdfast::format
