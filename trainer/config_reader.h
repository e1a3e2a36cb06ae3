// From the YAML tree to typed values. Internal to the configuration.
#pragma once

#include <map>
#include <string>

#include <holdfast/trainer/config.h>
#include <holdfast/trainer/yaml.h>

namespace holdfast::trainer {

// Where each key was written, for errors that are found later: dotted key -> "configs/mlp.yaml:12".
class ConfigPlaces {
 public:
  void add(const std::string& key, const std::string& where) { places_[key] = where; }
  std::string of(std::string key) const;  // or of the nearest key above it; "" for none

 private:
  std::map<std::string, std::string> places_;
};

struct ReadConfig {
  Config config;
  ConfigPlaces places;
};

// Checks each key, its type and its range. Error(kInvalidArgument) as load_config promises. What
// the keys mean together is checked in config_check.h.
ReadConfig read_config(const YamlNode& root);

}  // namespace holdfast::trainer
