// What may differ between the configuration of a checkpoint and that of the run that resumes from
// it. Pure functions on what flatten() returns.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/base/error.h>

namespace holdfast::trainer {

using FlatConfig = std::map<std::string, std::string>;

enum class ChangeEffect {
  kNone,      // a policy: where a run is kept, how long it is, what it logs and saves
  kRounding,  // the same training in other bits: the number of threads
  kTraining,  // other data, seed, batch, model, optimizer or schedule: no longer the same run
};

struct ConfigChange {
  std::string key;
  std::optional<std::string> saved, now;  // empty: has no such key
  ChangeEffect effect = ChangeEffect::kTraining;
};

// Every difference, by key. A key is a policy by itself or by what depends on it: train.epochs is
// one unless a cosine takes its length from it, the evaluation intervals are unless a plateau
// counts them.
std::vector<ConfigChange> changes(const FlatConfig& saved, const FlatConfig& now);

// Those of effect kTraining that no glob of `allow` matches ("optimizers.*", "data.batch_size").
std::vector<ConfigChange> incompatible_changes(const FlatConfig& saved, const FlatConfig& now,
                                               const std::vector<std::string>& allow);

// The Error(kMismatch) that lists them: key, saved value, value now, and how to allow them.
Error incompatible_error(const std::string& checkpoint, const std::vector<ConfigChange>& changes);

// "optimizers.adam.lr: 0.001 -> 0.01"
std::string to_string(const ConfigChange& change);

}  // namespace holdfast::trainer
