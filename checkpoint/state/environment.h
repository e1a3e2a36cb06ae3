// What the numbers of a run depend on besides its state.
#pragma once

#include <map>
#include <string>

namespace holdfast {

// For the manifest, to be compared on a resume; a value that differs may mean other bits:
//   torch, cpu_capability (of LibTorch's kernels), threads (of its operators), interop_threads,
//   host, and, where OpenBLAS is loaded: blas, blas_core, blas_threads.
std::map<std::string, std::string> environment();

}  // namespace holdfast
