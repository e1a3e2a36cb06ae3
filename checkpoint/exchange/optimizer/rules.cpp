#include <holdfast/checkpoint/exchange/optimizer/rules.h>

namespace holdfast::exchange {
namespace {

using Type = OptionRule::Type;

ClassRules sgd_rules() {
  return {OptimizerClass::kSgd,
          "SGD",
          "torch::optim::SGD",
          {{"lr", Type::kReal},
           {"momentum", Type::kReal},
           {"dampening", Type::kReal},
           {"weight_decay", Type::kReal},
           {"nesterov", Type::kBool}},
          {"momentum_buffer"},
          {},
          false};
}

ClassRules adam_rules(OptimizerClass type, std::string_view name, std::string_view class_name) {
  return {type,
          name,
          class_name,
          {{"lr", Type::kReal},
           {"betas", Type::kBetas},
           {"eps", Type::kReal},
           {"weight_decay", Type::kReal},
           {"amsgrad", Type::kBool}},
          {"exp_avg", "exp_avg_sq", "max_exp_avg_sq"},
          {"exp_avg", "exp_avg_sq"},
          true};
}

bool is(const Value& value, bool wanted) {
  return value.boolean() != nullptr && *value.boolean() == wanted;
}

}  // namespace

const std::vector<ClassRules>& all_class_rules() {
  static const std::vector<ClassRules> rules = {
      sgd_rules(), adam_rules(OptimizerClass::kAdam, "Adam", "torch::optim::Adam"),
      adam_rules(OptimizerClass::kAdamW, "AdamW", "torch::optim::AdamW")};
  return rules;
}

const ClassRules& rules_of(OptimizerClass type) {
  return all_class_rules()[static_cast<std::size_t>(type)];
}

std::string_view name_of(OptimizerClass type) {
  return rules_of(type).name;
}

std::optional<bool> changes_nothing(std::string_view key, const Value& value, OptimizerClass type) {
  if (key == "foreach" || key == "fused") return value.is_none() || value.boolean() != nullptr;
  if (key == "maximize" || key == "differentiable" || key == "capturable") return is(value, false);
  if (key == "decoupled_weight_decay" && type != OptimizerClass::kSgd)
    return is(value, type == OptimizerClass::kAdamW);
  return std::nullopt;
}

Error mismatch(const std::string& path, const std::string& problem) {
  return Error(ErrorKind::kMismatch, problem).at(path);
}

Error unsupported(const std::string& path, const std::string& problem) {
  return Error(ErrorKind::kUnsupported, problem).at(path);
}

}  // namespace holdfast::exchange
