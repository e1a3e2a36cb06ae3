#include <holdfast/checkpoint/base/workers.h>

#include <algorithm>
#include <cstddef>

#include <tbb/global_control.h>

namespace holdfast {

int workers_of(int threads) {
  using tbb::global_control;
  const std::size_t most = global_control::active_value(global_control::max_allowed_parallelism);
  const auto wanted = static_cast<std::size_t>(std::max(threads, 1));
  return static_cast<int>(std::clamp<std::size_t>(most, 1, wanted));
}

}  // namespace holdfast
