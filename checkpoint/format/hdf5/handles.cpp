#include <holdfast/checkpoint/format/hdf5/handles.h>
#include <pthread.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <new>
#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/hdf5/shard.h>

namespace holdfast::format {
namespace {

// Global because libhdf5's state is.
std::mutex library_mutex;

// Makes fork(2) wait while the library is at work, so that a child can use the library.
void let_no_fork_in_between() {
  static const int is_registered = pthread_atfork(
      [] { library_mutex.lock(); }, [] { library_mutex.unlock(); }, [] { library_mutex.unlock(); });
  if (is_registered != 0) throw std::bad_alloc();
}

// Checks that there is memory for what libhdf5 will need, by allocating as much and freeing it
// again: for initialization, for its cache of metadata, which holds some 5,000 objects, and for
// each object. mmap() is used because malloc() would keep more memory for itself from then on.
void require_memory(std::size_t objects) {
  constexpr std::size_t kCached = 19 << 10, kEach = 1 << 10, kMostCached = 5'000, kAlways = 4 << 20;
  const std::size_t bytes = kAlways + std::min(objects, kMostCached) * kCached + objects * kEach;
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  munmap(memory, bytes);
}

// After a failed H5open() libhdf5 stays half-initialized, for later calls too, until H5close().
void open_library() {
  static bool is_open = false;  // guarded by the mutex
  if (is_open) return;
  if (H5open() < 0) {
    H5close();
    throw Error(ErrorKind::kIo, "libhdf5 cannot be initialized")
        .remedy("memory may have run out: free some, or raise its limit, and try again");
  }
  is_open = true;
}

std::unique_lock<std::mutex> lock_library(std::size_t objects) {
  let_no_fork_in_between();
  std::unique_lock<std::mutex> lock(library_mutex);
  require_memory(objects);
  open_library();
  return lock;
}

herr_t append_frame(unsigned, const H5E_error2_t* frame, void* text) {
  std::string& stack = *static_cast<std::string*>(text);
  if (!stack.empty()) stack += "; ";
  if (frame->func_name != nullptr) stack += std::string(frame->func_name) + ": ";
  if (frame->desc != nullptr) stack += frame->desc;
  return 0;
}

std::string error_stack() {
  std::string stack;
  if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, append_frame, &stack) < 0 || stack.empty()) {
    return "HDF5's error stack gives no reason";
  }
  return stack;
}

}  // namespace

Hdf5Session::Hdf5Session(std::size_t objects) : lock_(lock_library(objects)) {
  H5Eauto_is_v2(H5E_DEFAULT, &version_);
#ifndef H5_NO_DEPRECATED_SYMBOLS
  if (version_ == 0) {
    H5Eget_auto1(&print_1_, &client_data_);
    H5Eset_auto1(nullptr, nullptr);
    return;
  }
#endif
  H5Eget_auto2(H5E_DEFAULT, &print_, &client_data_);
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

Hdf5Session::~Hdf5Session() {
#ifndef H5_NO_DEPRECATED_SYMBOLS
  if (version_ == 0) {
    H5Eset_auto1(print_1_, client_data_);
    return;
  }
#endif
  H5Eset_auto2(H5E_DEFAULT, print_, client_data_);
}

void throw_hdf5_error(const char* call) {
  throw Error(ErrorKind::kIo, std::string("HDF5 failed in ") + call).found(error_stack());
}

bool hdf5_is_threadsafe() {
  const Hdf5Session session;
  hbool_t is_threadsafe = false;
  return H5is_library_threadsafe(&is_threadsafe) >= 0 && is_threadsafe;
}

std::string hdf5_version() {
  const Hdf5Session session;
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace holdfast::format
