#include <holdfast/trainer/config_changes.h>

#include <algorithm>
#include <iterator>
#include <set>

#include <holdfast/trainer/glob.h>

namespace holdfast::trainer {
namespace {

std::optional<std::string> value_of(const FlatConfig& config, const std::string& key) {
  const auto found = config.find(key);
  if (found == config.end()) return std::nullopt;
  return found->second;
}

bool any_matches(const std::vector<std::string>& patterns, const std::string& key) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return glob_matches(pattern, key); });
}

bool has_schedule(const FlatConfig& config, const std::string& type) {
  return std::any_of(config.begin(), config.end(), [&](const auto& entry) {
    return glob_matches("schedules.*.type", entry.first) && entry.second == type;
  });
}

bool has_cosine_over_the_run(const FlatConfig& config) {
  return std::any_of(config.begin(), config.end(), [](const auto& entry) {
    return glob_matches("schedules.*.total_steps", entry.first) && entry.second == "0";
  });
}

std::vector<std::string> policies_of(const FlatConfig& config) {
  std::vector<std::string> keys = {
      "run.*",        "data.root", "train.log_every_steps", "train.on_nonfinite_loss",
      "checkpoint.*", "resume.*"};
  const bool cosine = has_cosine_over_the_run(config);
  const bool by_epochs = value_of(config, "train.epochs") != "0";
  if (!cosine) keys.push_back("train.epochs");
  if (!cosine || by_epochs) keys.push_back("train.max_steps");
  if (!has_schedule(config, "plateau")) keys.push_back("train.evaluate_every_*");
  return keys;
}

ChangeEffect effect_of(const std::string& key, const std::vector<std::string>& policies_before,
                       const std::vector<std::string>& policies_now) {
  if (key == "train.threads") return ChangeEffect::kRounding;
  const bool policy = any_matches(policies_before, key) && any_matches(policies_now, key);
  return policy ? ChangeEffect::kNone : ChangeEffect::kTraining;
}

}  // namespace

std::vector<ConfigChange> changes(const FlatConfig& saved, const FlatConfig& now) {
  std::set<std::string> keys;
  for (const auto& entry : saved) keys.insert(entry.first);
  for (const auto& entry : now) keys.insert(entry.first);
  const std::vector<std::string> before = policies_of(saved), after = policies_of(now);
  std::vector<ConfigChange> changes;
  for (const std::string& key : keys) {
    ConfigChange change{key, value_of(saved, key), value_of(now, key), ChangeEffect::kTraining};
    if (change.saved == change.now) continue;
    change.effect = effect_of(key, before, after);
    changes.push_back(std::move(change));
  }
  return changes;
}

std::vector<ConfigChange> incompatible_changes(const FlatConfig& saved, const FlatConfig& now,
                                               const std::vector<std::string>& allow) {
  std::vector<ConfigChange> incompatible;
  for (ConfigChange& change : changes(saved, now))
    if (change.effect == ChangeEffect::kTraining && !any_matches(allow, change.key))
      incompatible.push_back(std::move(change));
  return incompatible;
}

std::string to_string(const ConfigChange& change) {
  return change.key + ": " + change.saved.value_or("(not there)") + " -> " +
         change.now.value_or("(not there)");
}

Error incompatible_error(const std::string& checkpoint, const std::vector<ConfigChange>& changes) {
  std::vector<std::string> found;
  std::string keys;
  for (const ConfigChange& change : changes) {
    found.push_back(to_string(change));
    keys += (keys.empty() ? "" : ",") + change.key;
  }
  if (changes.size() > Error::kMostListed) keys = "PATTERN,...";
  return Error(ErrorKind::kMismatch, "the configuration is not the one it was trained with")
      .at(checkpoint)
      .expected("the same data, seed, batches, models, optimizers and schedules")
      .list("changed", found)
      .remedy(
          "undo the change, start a run of its own (run.dir), or allow it: --set "
          "'resume.allow_changes=[" +
          keys + "]'");
}

}  // namespace holdfast::trainer
