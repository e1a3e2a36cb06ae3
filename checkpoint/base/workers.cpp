#include <holdfast/checkpoint/base/workers.h>

#include <algorithm>
#include <cstddef>

#include <tbb/global_control.h>

namespace holdfast {

int workers_of(int threads) {
  using tbb::global_control;
  const std::size_t most = global_control::active_value(global_control::max_allowed_parallelism);
  return std::clamp(threads, 1, static_cast<int>(std::max<std::size_t>(1, most)));
}

}  // namespace holdfast
