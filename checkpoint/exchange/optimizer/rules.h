// What LibTorch's and Python's optimizers have in common, and what only Python's have. Internal to
// exchange/.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/optimizer/dict.h>

namespace holdfast::exchange {

// An option of a parameter group, of the same name in both.
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
  std::vector<std::string_view> required_slots;  // that a state has in any case, and "step"
  bool has_step;
};

const std::vector<ClassRules>& all_class_rules();
const ClassRules& rules_of(OptimizerClass type);

// Whether the value of a key that only Python's parameter groups have changes nothing for LibTorch;
// empty for a key that is not known.
std::optional<bool> changes_nothing(std::string_view key, const Value& value, OptimizerClass type);

// Errors about a part of an optimizer's state: kMismatch, kUnsupported.
Error mismatch(const std::string& path, const std::string& problem);
Error unsupported(const std::string& path, const std::string& problem);

}  // namespace holdfast::exchange
