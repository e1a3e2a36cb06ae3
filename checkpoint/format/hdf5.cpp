#include <holdfast/checkpoint/format/hdf5.h>

#include <string>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/format/shard.h>

namespace holdfast::format {
namespace {

// As process-wide as the library that it guards.
std::mutex& library_mutex() {
  static std::mutex mutex;
  return mutex;
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
    return "no reason in HDF5's error stack";
  }
  return stack;
}

}  // namespace

Hdf5Session::Hdf5Session() : lock_(library_mutex()) {
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
  hbool_t is_threadsafe = false;
  return H5is_library_threadsafe(&is_threadsafe) >= 0 && is_threadsafe;
}

std::string hdf5_version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

}  // namespace holdfast::format
