// Checked calls into libhdf5. Internal to format/: no other room sees HDF5.
#pragma once

#include <hdf5.h>

#include <cstddef>
#include <mutex>
#include <utility>

namespace holdfast::format {

// Must be held around every use of libhdf5. One session exists at a time: libhdf5 has global state,
// and may have been built without thread safety. fork() waits meanwhile. libhdf5's printing of
// errors is switched off for this thread and restored afterwards.
class Hdf5Session {
 public:
  // `objects` is the number of objects that will be built or read. Throws std::bad_alloc if there
  // is not enough memory for them, because libhdf5 1.10 may crash when memory runs out. Error(kIo)
  // if the library cannot be initialized; the next session tries again.
  explicit Hdf5Session(std::size_t objects = 0);
  ~Hdf5Session();
  Hdf5Session(const Hdf5Session&) = delete;
  Hdf5Session& operator=(const Hdf5Session&) = delete;

 private:
  std::unique_lock<std::mutex> lock_;
  unsigned version_ = 2;  // which of HDF5's two kinds of printing function was set
  H5E_auto2_t print_ = nullptr;
#ifndef H5_NO_DEPRECATED_SYMBOLS
  H5E_auto1_t print_1_ = nullptr;
#endif
  void* client_data_ = nullptr;
};

// Throws the Error(kIo) for a call that has just failed on this thread. It shows HDF5's error
// stack.
[[noreturn]] void throw_hdf5_error(const char* call);

// Returns the result of a call, or throws if it is negative: checked(H5Lexists(…), "H5Lexists").
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

  // Closes now and throws if that fails, unlike the destructor. Closing a file can fail.
  void close(const char* call) { checked(closer_(std::exchange(id_, H5I_INVALID_HID)), call); }

 private:
  hid_t id_ = H5I_INVALID_HID;
  Closer closer_ = nullptr;
};

// An open file and the driver that it uses. The driver must stay registered until the file is
// closed: H5FD_close() drops the file's own reference to the driver and calls the driver after
// that.
struct DrivenFile {
  Handle driver, file;  // in this order: `file` is closed first
};

}  // namespace holdfast::format
