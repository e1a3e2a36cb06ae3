// Which checkpoints a run keeps. Stored in its manifests.
#pragma once

#include <string>

namespace holdfast {

struct RetentionPolicy {
  int keep_last = 3;   // keep the newest N; 0 keeps all
  int keep_best = 0;   // also keep the N with the best finite value of `metric`
  std::string metric;  // the name of one of the manifest's metrics; needed if keep_best > 0
  bool higher_is_better = true;

  bool operator==(const RetentionPolicy& other) const {
    return keep_last == other.keep_last && keep_best == other.keep_best && metric == other.metric &&
           higher_is_better == other.higher_is_better;
  }
};

}  // namespace holdfast
