#include "restart_policy.h"

#include <algorithm>

namespace holdfast::tool {

Decision RestartPolicy::after_failure(bool progressed) {
  stalled_ = progressed ? 0 : stalled_ + 1;
  if (progressed) next_ = limits_.backoff;
  if (stalled_ >= limits_.max_stalled) return {Refusal::kNoProgress, 0};
  if (restarts_ >= limits_.max_restarts) return {Refusal::kNoRestartLeft, 0};
  ++restarts_;
  const double seconds = next_;
  next_ = std::min<double>(2 * next_, kLongestBackoff);
  return {std::nullopt, seconds};
}

}  // namespace holdfast::tool
