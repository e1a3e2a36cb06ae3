// How many threads the numerical libraries use. Process-wide: only a program may set this, so it is
// here and not in checkpoint/.
#pragma once

#include <optional>

namespace holdfast::trainer {

// Sets the threads of LibTorch's operators and, where the process runs on it, of OpenBLAS, which
// has a setting of its own. 0 leaves both as they are; below that is an Error(kInvalidArgument).
// Call it before the first operator: bit-exact resume needs the same count from the first step on.
void set_threads(int count);

// Empty: the process does not run on OpenBLAS.
std::optional<int> openblas_threads();

}  // namespace holdfast::trainer
