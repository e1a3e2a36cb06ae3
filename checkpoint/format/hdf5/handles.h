// Checked calls into libhdf5. Internal to format/: nothing else sees HDF5.
#pragma once

#include <hdf5.h>

#include <cstddef>
#include <mutex>
#include <utility>

namespace holdfast::format {

// Held around every use of libhdf5. The library's state belongs to the process and may be built
// without thread safety, so calls from here are serialised, and no process is copied meanwhile; and
// its habit of printing errors is switched off for this thread, and put back as it was afterwards.
class Hdf5Session {
 public:
  // To build or read so many objects. std::bad_alloc if there is no memory for it: libhdf5 1.10 may
  // crash where memory runs out. Error(kIo) if the library cannot be initialized; the next tries
  // again.
  explicit Hdf5Session(std::size_t objects = 0);
  ~Hdf5Session();
  Hdf5Session(const Hdf5Session&) = delete;
  Hdf5Session& operator=(const Hdf5Session&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  unsigned version_ = 2;  // of the printing function that was set: HDF5 has two kinds
  H5E_auto2_t print_ = nullptr;
#ifndef H5_NO_DEPRECATED_SYMBOLS
  H5E_auto1_t print_1_ = nullptr;
#endif
  void* client_data_ = nullptr;
};

// The Error for a call that has just failed on this thread; HDF5's error stack is what was "found".
[[noreturn]] void throw_hdf5_error(const char* call);

// The result of a call, which is negative if it failed: checked(H5Lexists(…), "H5Lexists").
template <typename Result>
Result checked(Result result, const char* call) {
  if (result < 0) throw_hdf5_error(call);
  return result;
}

// Owns an HDF5 identifier of any kind.
class Handle {
 public:
  using Closer = herr_t (*)(hid_t);

  Handle() = default;
  Handle(hid_t id, Closer closer, const char* call) : id_(checked(id, call)), closer_(closer) {}
  Handle(Handle&& other) noexcept
      : id_(std::exchange(other.id_, H5I_INVALID_HID)), closer_(other.closer_) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(id_, other.id_);
    std::swap(closer_, other.closer_);
    return *this;
  }
  ~Handle() {
    if (id_ >= 0) closer_(id_);
  }

  hid_t get() const { return id_; }

  // Closes now, and throws if that fails, as the close of a file can.
  void close(const char* call) { checked(closer_(std::exchange(id_, H5I_INVALID_HID)), call); }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Closer closer_ = nullptr;
};

// A file that goes by a driver of ours, which is registered for as long as the file is open:
// H5FD_close() lets go of the file's own reference to the driver, and calls it afterwards.
struct DrivenFile {
  Handle driver, file;  // closed from the last to the first
};

}  // namespace holdfast::format
