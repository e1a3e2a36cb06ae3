// What else the results of a run depend on, besides its state.
#pragma once

#include <map>
#include <string>

namespace holdfast {

// Goes into the manifest and is compared on a resume: if a value differs, the resumed run may
// compute other bits. Keys: torch (its version), cpu_capability (of LibTorch's kernels), threads
// (of its operators), interop_threads, host; and, if OpenBLAS is loaded, blas (its configuration),
// blas_core, blas_threads.
std::map<std::string, std::string> environment();

}  // namespace holdfast
