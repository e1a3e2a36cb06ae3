// Which checkpoints a run keeps, as its manifests say it.
#pragma once

#include <string>

namespace holdfast {

struct RetentionPolicy {
  int keep_last = 3;   // the newest N; 0: keep all
  int keep_best = 0;   // the N best by `metric`, as well; one that is not finite is never the best
  std::string metric;  // name in the manifest's metrics; needed if keep_best > 0
  bool higher_is_better = true;

  bool operator==(const RetentionPolicy& other) const {
    return keep_last == other.keep_last && keep_best == other.keep_best && metric == other.metric &&
           higher_is_better == other.higher_is_better;
  }
};

}  // namespace holdfast
