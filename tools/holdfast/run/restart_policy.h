// Whether and when a command that failed is started again. Pure.
#pragma once

#include <optional>

namespace holdfast::tool {

inline constexpr int kLongestBackoff = 300;  // seconds

struct RestartLimits {
  int max_restarts = 1000;  // 0: never start again
  int max_stalled = 5;      // failures in a row without progress; 1 or more
  double backoff = 5;       // seconds before a restart; from 0 to kLongestBackoff
};

enum class Refusal { kNoRestartLeft, kNoProgress };

struct Decision {
  std::optional<Refusal> refusal;  // empty: start it again…
  double seconds = 0;              // …after so long
};

// The wait is limits.backoff after a failure that followed progress, and after the first of all; it
// doubles with each further failure in a row that did not, up to kLongestBackoff.
class RestartPolicy {
 public:
  explicit RestartPolicy(const RestartLimits& limits) : limits_(limits), next_(limits.backoff) {}

  // `progressed`: something was saved between this failure and the start before it.
  Decision after_failure(bool progressed);

  int restarts() const { return restarts_; }  // that were decided on
  int stalled() const { return stalled_; }    // failures since the last progress

 private:
  RestartLimits limits_;
  double next_;
  int restarts_ = 0;
  int stalled_ = 0;
};

}  // namespace holdfast::tool
