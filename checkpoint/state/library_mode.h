// LibTorch's modes of a thread, as the library's own work on tensors needs them.
#pragma once

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

namespace holdfast {

// While it lives, this thread records nothing for gradients, whatever modes the caller has set;
// they are back afterwards. An inference tensor can be written to in inference mode only, and what
// is made in that mode is one. So `inference` is that of the tensor that is written to, and false
// for tensors that are made to last.
class LibraryMode {
 public:
  explicit LibraryMode(bool inference = false) : inference_(inference) {}
  LibraryMode(const LibraryMode&) = delete;
  LibraryMode& operator=(const LibraryMode&) = delete;

 private:
  c10::InferenceMode inference_;  // sets the gradient mode, too: the guard of that comes behind it
  c10::NoGradGuard no_grad_;
};

}  // namespace holdfast
