#include <holdfast/trainer/config.h>

#include <holdfast/trainer/config_check.h>
#include <holdfast/trainer/config_reader.h>
#include <holdfast/trainer/yaml.h>

namespace holdfast::trainer {

Config load_config(const std::string& path, const std::vector<std::string>& overrides) {
  YamlNode root = read_yaml(path);
  for (const std::string& assignment : overrides) apply_override(root, assignment);
  ReadConfig read = read_config(root);
  complete(read.config);
  check(read.config, read.places);
  return std::move(read.config);
}

std::vector<std::string> metric_names(const Config& config) {
  std::vector<std::string> names;
  for (const std::string& model : config.train.evaluate) {
    names.push_back(model + "/test_loss");
    names.push_back(model + "/test_accuracy");
  }
  return names;
}

const ModelConfig* find_model(const Config& config, const std::string& name) {
  for (const ModelConfig& model : config.models)
    if (model.name == name) return &model;
  return nullptr;
}

OptimizerOptions default_options(OptimizerType type) {
  OptimizerOptions options;
  if (type == OptimizerType::kAdamW) options.weight_decay = 1e-2;
  if (type == OptimizerType::kAdagrad) options.eps = 1e-10;
  if (type != OptimizerType::kAdam && type != OptimizerType::kAdamW) options.lr = 1e-2;
  return options;
}

}  // namespace holdfast::trainer
