// Decides which keys may differ between the configuration in a checkpoint and that of the run that
// resumes from it. Pure functions of what flatten() returns.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {

using FlatConfig = std::map<std::string, std::string>;

enum class ChangeEffect {
  kNone,      // a policy: does not change the training (where the run is kept, its length, saves)
  kRounding,  // the same training, but rounded differently (number of threads)
  kTraining,  // another training (data, seed, batch size, models, optimizers, schedules)
};

struct ConfigChange {
  std::string key;
  std::optional<std::string> saved, now;  // empty if that configuration lacks the key
  ChangeEffect effect = ChangeEffect::kTraining;
};

// All differences, sorted by key. For some keys the effect depends on the rest of the
// configuration: train.epochs has none unless a cosine schedule takes its length from it; the
// evaluation intervals have none unless a plateau schedule counts evaluations.
std::vector<ConfigChange> changes(const FlatConfig& saved, const FlatConfig& now);

// The changes with effect kTraining whose key matches none of the globs in `allow` (such as
// "optimizers.*", "data.batch_size").
std::vector<ConfigChange> incompatible_changes(const FlatConfig& saved, const FlatConfig& now,
                                               const std::vector<std::string>& allow);

// Makes the Error(kMismatch) that lists these changes (key, saved value, value now) and says how to
// allow them.
Error incompatible_error(const std::string& checkpoint, const std::vector<ConfigChange>& changes);

// "optimizers.adam.lr: 0.001 -> 0.01"
std::string to_string(const ConfigChange& change);

}  // namespace holdfast::trainer
