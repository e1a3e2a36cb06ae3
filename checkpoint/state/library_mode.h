// Sets LibTorch's per-thread modes as the library's own work on tensors needs them.
#pragma once

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>

namespace holdfast {

// While this object lives, its thread records nothing for autograd, whatever modes the caller has
// set. The destructor restores the caller's modes.
//
// `inference` switches inference mode on or off. Inference tensors can be written to in that mode
// only, and every tensor made in that mode is an inference tensor. So pass is_inference() of the
// tensor that is to be written to, and false where new tensors are made that the program will keep.
class LibraryMode {
 public:
  explicit LibraryMode(bool inference = false) : inference_(inference) {}
  LibraryMode(const LibraryMode&) = delete;
  LibraryMode& operator=(const LibraryMode&) = delete;

 private:
  // The order matters: InferenceMode(false) switches gradient mode on, NoGradGuard then off again.
  c10::InferenceMode inference_;
  c10::NoGradGuard no_grad_;
};

}  // namespace holdfast
