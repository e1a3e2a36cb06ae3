// The options and slots of the optimizers, in LibTorch and in Python. Internal to exchange/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>

namespace holdfast::exchange {

// An option of a parameter group. It has the same name in LibTorch and in Python.
struct OptionRule {
  enum class Type { kReal, kBool, kBetas };
  std::string_view name;
  Type type;
};

struct ClassRules {
  OptimizerClass type;
  std::string_view name;        // "Adam"
  std::string_view class_name;  // "torch::optim::Adam"
  std::vector<OptionRule> options;
  std::vector<std::string_view> slots;           // tensors of the shape of the parameter
  std::vector<std::string_view> required_slots;  // every state has these, and "step"
  bool has_step;
};

const std::vector<ClassRules>& all_class_rules();
const ClassRules& rules_of(OptimizerClass type);

// Whether a value of an option that only Python has means what LibTorch does anyway. Empty for an
// unknown key.
std::optional<bool> changes_nothing(std::string_view key, const Value& value, OptimizerClass type);

// Error(kMismatch) and Error(kUnsupported) about a part of an optimizer's state.
Error mismatch(const std::string& path, const std::string& problem);
Error unsupported(const std::string& path, const std::string& problem);

}  // namespace holdfast::exchange
