// Decides whether and when a failed command is started again. Does no I/O and reads no clock.
#pragma once

#include <optional>

namespace holdfast::tool {

inline constexpr int kLongestBackoff = 300;  // seconds

struct RestartLimits {
  int max_restarts = 1000;  // 0 means never start again
  int max_stalled = 5;      // give up after this many failures in a row without progress; 1 or more
  double backoff = 5;       // seconds before the first restart; from 0 to kLongestBackoff
};

enum class Refusal { kNoRestartLeft, kNoProgress };

struct Decision {
  std::optional<Refusal> refusal;  // if empty, start it again
  double seconds = 0;              // how long to wait before that
};

// After the first failure, and after a failure with progress before it, the wait is limits.backoff.
// It doubles with each further failure without progress, up to kLongestBackoff.
class RestartPolicy {
 public:
  explicit RestartPolicy(const RestartLimits& limits) : limits_(limits), next_(limits.backoff) {}

  // `progressed`: the start that has just failed has saved a new checkpoint.
  Decision after_failure(bool progressed);

  int restarts() const { return restarts_; }  // the number of restarts that were allowed
  int stalled() const { return stalled_; }    // failures since the last progress

 private:
  RestartLimits limits_;
  double next_;
  int restarts_ = 0;
  int stalled_ = 0;
};

}  // namespace holdfast::tool
