// Which LibTorch this is compiled against.
#pragma once

#include <torch/version.h>

// True from LibTorch major.minor on; usable in #if.
#define HOLDFAST_TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) ||           \
   (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))
