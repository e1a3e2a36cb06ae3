#include "hdf5_io.h"

#include <fcntl.h>
#include <hdf5.h>
#include <holdfast/checkpoint/base/error.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace holdfast::bench {
namespace {

template <typename Result>
Result check(Result result, const char* problem, const std::string& path) {
  if (result < 0) throw Error(ErrorKind::kIo, problem).at(path);
  return result;
}

class Handle {
 public:
  Handle(hid_t id, herr_t (*close)(hid_t), const std::string& path)
      : id_(check(id, "HDF5 refuses", path)), close_(close) {}
  ~Handle() { close_(id_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  operator hid_t() const { return id_; }  // NOLINT(google-explicit-constructor)

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

std::string name_of(std::int64_t dataset) {
  return "tensor_" + std::to_string(dataset);
}

void sync(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  if (!synced) throw system_error(error, "the file cannot be synced", path);
}

}  // namespace

void write_hdf5(const std::string& path, std::uint64_t bytes, std::int64_t datasets,
                ByteView from) {
  const hsize_t numbers = bytes / static_cast<std::uint64_t>(datasets) / sizeof(float);
  {
    const Handle file(H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT), H5Fclose,
                      path);
    const Handle space(H5Screate_simple(1, &numbers, nullptr), H5Sclose, path);
    for (std::int64_t i = 0; i < datasets; ++i) {
      const Handle dataset(H5Dcreate2(file, name_of(i).c_str(), H5T_IEEE_F32LE, space, H5P_DEFAULT,
                                      H5P_DEFAULT, H5P_DEFAULT),
                           H5Dclose, path);
      check(H5Dwrite(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, from.data),
            "HDF5 cannot write", path);
    }
    check(H5Fflush(file, H5F_SCOPE_GLOBAL), "HDF5 cannot flush", path);
  }
  sync(path);
  sync(std::filesystem::path(path).parent_path());
}

void read_hdf5(const std::string& path, std::int64_t datasets, ByteSpan to) {
  const Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose, path);
  for (std::int64_t i = 0; i < datasets; ++i) {
    const Handle dataset(H5Dopen2(file, name_of(i).c_str(), H5P_DEFAULT), H5Dclose, path);
    check(H5Dread(dataset, H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, to.data),
          "HDF5 cannot read", path);
  }
}

}  // namespace holdfast::bench
