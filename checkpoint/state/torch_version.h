// Tells versions of LibTorch apart at compile time.
#pragma once

#include <torch/version.h>

// True if the LibTorch in use is of version major.minor or newer; for #if.
#define HOLDFAST_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) ||           \
   (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))
