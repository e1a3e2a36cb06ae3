// The processor's cores.
#pragma once

#include <algorithm>
#include <thread>

namespace holdfast {

// The cores that this process may run on; 1 if their number is not known.
inline int core_count() {
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace holdfast
