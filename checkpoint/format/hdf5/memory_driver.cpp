#include <holdfast/checkpoint/format/hdf5/memory_driver.h>

#if H5_VERSION_GE(1, 14, 0)
#include <H5FDdevelop.h>
#endif

#include <algorithm>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <utility>

namespace holdfast::format {
namespace {

constexpr haddr_t kLargestAddress = (haddr_t{1} << 63) - 1;

// What the property list for file access passes to open(). HDF5 copies it as plain bytes.
struct DriverInfo {
  FileImage* image;
};

// HDF5 holds a pointer to the first member and never looks at the second.
struct OpenFile {
  H5FD_t base;
  FileImage* image;
};

FileImage& image_of(const H5FD_t* file) {
  return *reinterpret_cast<const OpenFile*>(file)->image;
}

// The callbacks below are called from C: no exception may leave them.

H5FD_t* open_image(const char*, unsigned, hid_t access, haddr_t) {
  const auto* info = static_cast<const DriverInfo*>(H5Pget_driver_info(access));
  if (info == nullptr) return nullptr;
  auto* file = new (std::nothrow) OpenFile{H5FD_t{}, info->image};
  return file == nullptr ? nullptr : &file->base;  // HDF5 owns it until it calls close_image()
}

herr_t close_image(H5FD_t* file) {
  std::unique_ptr<OpenFile>(reinterpret_cast<OpenFile*>(file)).reset();
  return 0;
}

herr_t query_features(const H5FD_t*, unsigned long* flags) {
  if (flags != nullptr) *flags = 0;  // no aggregation: HDF5 asks for each allocation separately
  return 0;
}

haddr_t allocate(H5FD_t* file, H5FD_mem_t type, hid_t, hsize_t bytes) {
  return image_of(file).allocate(type == H5FD_MEM_DRAW, bytes).value_or(HADDR_UNDEF);
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
  return image_of(file).end();
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  image_of(file).set_end(end);
  return 0;
}

herr_t read_image(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count, void* to) {
  return image_of(file).read(offset, to, count) ? 0 : -1;
}

herr_t write_image(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count,
                   const void* from) {
  try {
    return image_of(file).write(offset, from, count) ? 0 : -1;
  } catch (const std::exception&) {
    return -1;
  }
}

// Versions of HDF5 differ in which members this structure has, and in their order. So it is zeroed
// and then filled by name.
H5FD_class_t driver_class() {
  H5FD_class_t driver = {};
#if H5_VERSION_GE(1, 14, 0)
  driver.version = H5FD_CLASS_VERSION;
  driver.value = H5_VFD_RESERVED + 100;  // from the range for drivers that are not HDF5's own
#endif
  driver.name = "holdfast_memory";
  driver.maxaddr = kLargestAddress;
  driver.fc_degree = H5F_CLOSE_WEAK;
  driver.fapl_size = sizeof(DriverInfo);
  driver.open = open_image;
  driver.close = close_image;
  driver.query = query_features;
  driver.alloc = allocate;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_allocation;
  driver.read = read_image;
  driver.write = write_image;
  constexpr H5FD_mem_t map[H5FD_MEM_NTYPES] = H5FD_FLMAP_DICHOTOMY;
  std::copy(std::begin(map), std::end(map), std::begin(driver.fl_map));
  return driver;
}

}  // namespace

std::vector<std::byte> FileImage::take(std::uint64_t bytes) {
  bytes_.resize(bytes);
  return std::move(bytes_);
}

std::optional<std::uint64_t> FileImage::allocate(bool raw, std::uint64_t bytes) {
  if (raw && next_payload_) return std::exchange(next_payload_, std::nullopt);
  if (bytes > metadata_limit_ - metadata_end_) return std::nullopt;
  return std::exchange(metadata_end_, metadata_end_ + bytes);
}

std::uint64_t FileImage::end() const {
  return metadata_end_ == 0 ? 0 : std::max(metadata_end_, file_bytes_);
}

bool FileImage::read(std::uint64_t offset, void* to, std::size_t count) const {
  if (offset > metadata_end_ || count > metadata_end_ - offset) return false;
  const std::size_t begin = std::min<std::size_t>(offset, bytes_.size());
  const std::size_t held = std::min(bytes_.size() - begin, count);
  if (held > 0) std::memcpy(to, bytes_.data() + begin, held);
  std::memset(static_cast<char*>(to) + held, 0, count - held);
  return true;
}

bool FileImage::write(std::uint64_t offset, const void* from, std::size_t count) {
  if (offset > metadata_end_ || count > metadata_end_ - offset) return false;
  if (bytes_.size() < offset + count) bytes_.resize(offset + count);
  if (count > 0) std::memcpy(bytes_.data() + offset, from, count);
  return true;
}

DrivenFile create_file(FileImage& image) {
  const H5FD_class_t description = driver_class();
  Handle driver(H5FDregister(&description), H5FDunregister, "H5FDregister");
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, "H5Pcreate");
  const DriverInfo info{&image};
  checked(H5Pset_driver(access.get(), driver.get(), &info), "H5Pset_driver");
  // Within these bounds all versions of libhdf5 write the same bytes. With V110 as the lower bound
  // they would write different layout messages.
  checked(H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V110),
          "H5Pset_libver_bounds");
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "H5Pcreate");
  checked(H5Pset_obj_track_times(creation.get(), false), "H5Pset_obj_track_times");
  return {std::move(driver), Handle(H5Fcreate("image", H5F_ACC_TRUNC, creation.get(), access.get()),
                                    H5Fclose, "H5Fcreate")};
}

}  // namespace holdfast::format
