#include <holdfast/checkpoint/state/environment.h>

#include <dlfcn.h>

#include <ATen/Parallel.h>
#include <ATen/Version.h>

#include <holdfast/checkpoint/base/process.h>
#include <holdfast/checkpoint/state/torch_version.h>

namespace holdfast {
namespace {

// Finds a function by name in the libraries that the process has loaded; null if none has it.
// Looked up at run time, since OpenBLAS may or may not be the BLAS that LibTorch uses.
template <typename Function>
Function* loaded(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_DEFAULT, name));
}

// Taken from the text of show_config(), "… - CPU capability usage: AVX2 …": no other source exists
// in every supported version of LibTorch.
std::string cpu_capability() {
  const std::string text = at::show_config();
  const std::string label = "CPU capability usage: ";
  const std::size_t at = text.find(label);
  if (at == std::string::npos) return "unknown";
  const std::size_t begin = at + label.size();
  return text.substr(begin, text.find_first_of("\n,", begin) - begin);
}

void add_blas(std::map<std::string, std::string>& result) {
  if (const auto config = loaded<char*()>("openblas_get_config")) result["blas"] = config();
  if (const auto core = loaded<char*()>("openblas_get_corename")) result["blas_core"] = core();
  if (const auto threads = loaded<int()>("openblas_get_num_threads")) {
    result["blas_threads"] = std::to_string(threads());
  }
}

}  // namespace

std::map<std::string, std::string> environment() {
  std::map<std::string, std::string> result = {
      {"torch", TORCH_VERSION},
      {"cpu_capability", cpu_capability()},
      {"threads", std::to_string(at::get_num_threads())},
      {"interop_threads", std::to_string(at::get_num_interop_threads())},
      {"host", host_name()}};
  add_blas(result);
  return result;
}

}  // namespace holdfast
