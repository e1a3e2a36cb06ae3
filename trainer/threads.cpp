#include <holdfast/trainer/threads.h>

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <string>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {
namespace {

// Finds a function by name in the libraries that the process has loaded; null if none has it.
template <typename Function>
Function* find_function(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_DEFAULT, name));
}

}  // namespace

void set_threads(int count) {
  if (count < 0) {
    throw Error(ErrorKind::kInvalidArgument, "the number of threads is out of range")
        .expected("1 or more, or 0 for the libraries' own choice")
        .found(std::to_string(count));
  }
  if (count == 0) return;
  at::set_num_threads(count);
  if (auto* set = find_function<void(int)>("openblas_set_num_threads")) set(count);
}

std::optional<int> openblas_threads() {
  if (auto* get = find_function<int()>("openblas_get_num_threads")) return get();
  return std::nullopt;
}

}  // namespace holdfast::trainer
