// Reads typed values from the YAML tree. Internal to the configuration.
#pragma once

#include <map>
#include <string>

#include <holdfast/trainer/config.h>
#include <holdfast/trainer/yaml.h>

namespace holdfast::trainer {

// Remembers where each key was written, so that later checks can say it in their errors: dotted key
// -> "configs/mlp.yaml:12".
class ConfigPlaces {
 public:
  void add(const std::string& key, const std::string& where) { places_[key] = where; }
  // The place of the key; if it was not written, of the nearest key above it; "" if there is none.
  std::string of(std::string key) const;

 private:
  std::map<std::string, std::string> places_;
};

struct ReadConfig {
  Config config;
  ConfigPlaces places;
};

// Checks each key by itself: its name, its type and its range. Error(kInvalidArgument) as in
// load_config(). config_check.h checks how the keys fit together.
ReadConfig read_config(const YamlNode& root);

}  // namespace holdfast::trainer
