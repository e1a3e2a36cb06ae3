// The entry point that libFuzzer calls.
#include <cstddef>
#include <cstdint>

#include "fuzz/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::testing::try_input({reinterpret_cast<const char*>(data), size});
  return 0;
}
