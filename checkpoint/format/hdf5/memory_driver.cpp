#include <holdfast/checkpoint/format/hdf5/memory_driver.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

#include <holdfast/checkpoint/format/hdf5/driver.h>

namespace holdfast::format {
namespace {

// The callbacks below are called from C: no exception may leave them.

haddr_t allocate(H5FD_t* file, H5FD_mem_t type, hid_t, hsize_t bytes) {
  return state_of<FileImage>(file).allocate(type == H5FD_MEM_DRAW, bytes).value_or(HADDR_UNDEF);
}

haddr_t end_of_allocation(const H5FD_t* file, H5FD_mem_t) {
  return state_of<FileImage>(file).end();
}

herr_t set_end_of_allocation(H5FD_t* file, H5FD_mem_t, haddr_t end) {
  state_of<FileImage>(file).set_end(end);
  return 0;
}

herr_t read_image(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count, void* to) {
  return state_of<FileImage>(file).read(offset, to, count) ? 0 : -1;
}

herr_t write_image(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t offset, size_t count,
                   const void* from) {
  try {
    return state_of<FileImage>(file).write(offset, from, count) ? 0 : -1;
  } catch (const std::exception&) {
    return -1;
  }
}

H5FD_class_t memory_driver() {
  H5FD_class_t driver = driver_class("holdfast_memory", 0);
  driver.alloc = allocate;
  driver.get_eoa = end_of_allocation;
  driver.set_eoa = set_end_of_allocation;
  driver.get_eof = end_of_allocation;
  driver.read = read_image;
  driver.write = write_image;
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
  DriverAccess to = driver_access(memory_driver(), &image);
  // Within these bounds all versions of libhdf5 write the same bytes. With V110 as the lower bound
  // they would write different layout messages.
  checked(H5Pset_libver_bounds(to.access.get(), H5F_LIBVER_V18, H5F_LIBVER_V110),
          "H5Pset_libver_bounds");
  const Handle creation(H5Pcreate(H5P_FILE_CREATE), H5Pclose, "H5Pcreate");
  checked(H5Pset_obj_track_times(creation.get(), false), "H5Pset_obj_track_times");
  return {std::move(to.driver),
          Handle(H5Fcreate("image", H5F_ACC_TRUNC, creation.get(), to.access.get()), H5Fclose,
                 "H5Fcreate")};
}

}  // namespace holdfast::format
