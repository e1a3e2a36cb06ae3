// Sets how many threads the numerical libraries use. This setting holds for the whole process, so
// only a program may change it: it is in trainer/ and not in checkpoint/.
#pragma once

#include <optional>

namespace holdfast::trainer {

// Sets the threads of LibTorch's operators and, if the process uses OpenBLAS, of OpenBLAS, which
// has a setting of its own. 0 leaves both as they are. Error(kInvalidArgument) if `count` is
// negative. Call it before the first operator: for a resume to be exact to the bit, all steps must
// be computed with the same number of threads.
void set_threads(int count);

// Empty if the process does not use OpenBLAS.
std::optional<int> openblas_threads();

}  // namespace holdfast::trainer
