#include <holdfast/checkpoint/exchange/optimizer/dict.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/base/quotes.h>
#include <holdfast/checkpoint/exchange/optimizer/rules.h>
#include <holdfast/checkpoint/format/names.h>

namespace holdfast::exchange {
namespace {

bool has(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Dict& dict_of(const Value* value, const std::string& path) {
  if (value != nullptr && value->dict() != nullptr) return *value->dict();
  throw mismatch(path, "this is not the state_dict() of an optimizer")
      .expected("a dict")
      .found(value == nullptr ? "nothing" : std::string(value->type_name()));
}

const std::vector<Value>& sequence_of(const Value* value, std::string_view path) {
  if (value != nullptr && value->sequence() != nullptr) return *value->sequence();
  throw mismatch(std::string(path), "this is not the state_dict() of an optimizer")
      .expected("a list")
      .found(value == nullptr ? "nothing" : std::string(value->type_name()));
}

const std::string& key_text(const DictEntry& entry, const std::string& path) {
  if (entry.key.text() != nullptr) return *entry.key.text();
  throw mismatch(path, "a key is not a str").found(std::string(entry.key.type_name()));
}

// Python accepts an int for a float.
double real_of(const Value& value, const std::string& path) {
  if (value.real() != nullptr) return *value.real();
  if (value.integer() != nullptr) return static_cast<double>(*value.integer());
  throw unsupported(path, "the option is not a number")
      .expected("a float")
      .found(std::string(value.type_name()));
}

constexpr double kMostSteps = 9007199254740992;  // 2^53: above it a double skips integers

// The number as a double. Above kMostSteps it stays above it, although 2^53 + 1 rounds down.
double rounded(std::int64_t number) {
  const auto nearest = static_cast<double>(number);
  const bool is_beyond = number > static_cast<std::int64_t>(kMostSteps);
  return is_beyond ? std::max(nearest, kMostSteps + 2) : nearest;
}

double element_of(const Tensor& tensor, const std::string& path) {
  const auto read = [&](auto number) {
    tensor.source->copy(0, ByteSpan(&number, sizeof number));
    return number;
  };
  if (tensor.source != nullptr && bytes_of(tensor.dtype, tensor.shape) == size_of(tensor.dtype))
    switch (tensor.dtype) {
      case DType::kFloat32:
        return read(float{});
      case DType::kFloat64:
        return read(double{});
      case DType::kInt64:
        return rounded(read(std::int64_t{}));
      default:
        break;
    }
  throw unsupported(path, "the step is not a number")
      .expected("one float32, float64 or int64")
      .found(std::string(name_of(tensor.dtype)) + " " + to_string(tensor.shape));
}

std::int64_t step_of(const Value& value, const std::string& path) {
  double step = 0;
  if (value.integer() != nullptr) {
    step = rounded(*value.integer());
  } else {
    step = value.tensor() != nullptr ? element_of(*value.tensor(), path) : real_of(value, path);
  }
  if (step >= 0 && step <= kMostSteps && step == std::floor(step))
    return static_cast<std::int64_t>(step);
  throw unsupported(path, "the step is not a whole number from 0 to 2^53")
      .found(std::to_string(step));
}

class FromPython {
 public:
  FromPython(const std::string& prefix, const ClassRules& rules,
             const std::vector<Parameter>& parameters, const FromPythonOptions& options)
      : prefix_(prefix), rules_(rules), parameters_(parameters), options_(options) {}

  std::vector<Item> convert(const Value& state_dict) && {
    const Dict& dict = dict_of(&state_dict, prefix_);
    add("type", std::string(rules_.class_name));
    const auto& groups = sequence_of(dict.find("param_groups"), "param_groups");
    for (std::size_t i = 0; i < groups.size(); ++i) add_group(groups[i], i);
    if (next_ != parameters_.size())
      throw mismatch("param_groups", "the optimizer has the wrong number of parameters")
          .expected(std::to_string(parameters_.size()))
          .found(std::to_string(next_));
    add_states(dict_of(dict.find("state"), "state"));
    return items_of(std::move(entries_));
  }

 private:
  struct Known {
    const Parameter* parameter;
    bool is_amsgrad;
  };

  void add(const std::string& name, Value value) {
    entries_.add(prefix_ + "/" + name, std::move(value));
  }

  void add_group(const Value& value, std::size_t index) {
    const std::string path = "param_groups[" + std::to_string(index) + "]";
    const Dict& group = dict_of(&value, path);
    const std::string own = "groups/" + std::to_string(index);
    const Value* amsgrad = group.find("amsgrad");
    const bool is_amsgrad =
        amsgrad != nullptr && amsgrad->boolean() != nullptr && *amsgrad->boolean();
    const std::size_t first = next_;
    add(own + "/params",
        parameter_lines(sequence_of(group.find("params"), path), path, is_amsgrad));
    for (const OptionRule& rule : rules_.options)
      add_option(own, rule, group.find(rule.name), path + "." + std::string(rule.name));
    for (const DictEntry& entry : group.entries)
      check_key(key_text(entry, path), entry.value, path, first);
  }

  std::string parameter_lines(const std::vector<Value>& numbers, const std::string& path,
                              bool is_amsgrad) {
    std::string lines;
    for (const Value& number : numbers) {
      if (number.integer() == nullptr)
        throw mismatch(path + ".params", "a parameter's number is not an integer");
      if (next_ == parameters_.size())
        throw mismatch(path + ".params", "the optimizer has too many parameters")
            .expected(std::to_string(parameters_.size()) + " in all");
      const Parameter& parameter = parameters_[next_++];
      const auto [known, is_new] = known_.emplace(*number.integer(), Known{&parameter, is_amsgrad});
      if (!is_new && known->second.parameter->name != parameter.name)
        throw mismatch(path + ".params", "two parameters have the same number")
            .found(known->second.parameter->name + " and " + parameter.name);
      lines += (lines.empty() ? "" : "\n") + parameter.name;
    }
    return lines;
  }

  void add_option(const std::string& group, const OptionRule& rule, const Value* value,
                  const std::string& path) {
    if (value == nullptr)
      throw mismatch(path, "the option is missing")
          .remedy("is this the state of " + std::string(rules_.name) + "?");
    const std::string name = group + "/" + std::string(rule.name);
    switch (rule.type) {
      case OptionRule::Type::kReal:
        return add(name, real_of(*value, path));
      case OptionRule::Type::kBool:
        if (value->boolean() == nullptr)
          throw unsupported(path, "the option is not a bool")
              .found(std::string(value->type_name()));
        return add(name, *value->boolean());
      case OptionRule::Type::kBetas:
        return add_betas(name, sequence_of(value, path), path);
    }
  }

  void add_betas(const std::string& name, const std::vector<Value>& betas,
                 const std::string& path) {
    if (betas.size() != 2)
      throw mismatch(path, "this is not a pair").found(std::to_string(betas.size()) + " values");
    add(name + "/type", "tuple");
    add(name + "/0", real_of(betas[0], path + "[0]"));
    add(name + "/1", real_of(betas[1], path + "[1]"));
  }

  void check_key(const std::string& key, const Value& value, const std::string& group,
                 std::size_t first) const {
    const std::string path = group + "." + key;
    const bool is_option = std::any_of(rules_.options.begin(), rules_.options.end(),
                                       [&](const OptionRule& rule) { return rule.name == key; });
    const bool is_ignored =
        std::find(options_.ignored.begin(), options_.ignored.end(), key) != options_.ignored.end();
    if (is_option || is_ignored || key == "params") return;
    if (key == "param_names") return check_names(sequence_of(&value, path), path, first);
    const auto is_harmless = changes_nothing(key, value, rules_.type);
    if (is_harmless && *is_harmless) return;
    const std::string lacks = "LibTorch's " + std::string(rules_.name) + " does not have this";
    throw unsupported(path, is_harmless ? lacks + " at this value" : lacks)
        .remedy("set it to its default, or leave it out (--ignore of the tool)");
  }

  void check_names(const std::vector<Value>& names, const std::string& path,
                   std::size_t first) const {
    for (std::size_t i = 0; i < names.size() && first + i < next_; ++i) {
      const auto components = format::split(parameters_[first + i].name);
      const bool is_same =
          components && names[i].text() != nullptr && components->back() == *names[i].text();
      if (is_same) continue;
      throw mismatch(path, "the parameters are in another order")
          .expected(parameters_[first + i].name)
          .found(names[i].text() == nullptr ? std::string(names[i].type_name())
                                            : in_quotes(*names[i].text()));
    }
  }

  void add_states(const Dict& states) {
    for (const DictEntry& entry : states.entries) {
      const auto known =
          entry.key.integer() == nullptr ? known_.end() : known_.find(*entry.key.integer());
      if (known == known_.end())
        throw mismatch("state", "the state is of a parameter that is in no group");
      const std::string path = "state[" + std::to_string(known->first) + "]";
      add_slots(dict_of(&entry.value, path), known->second, path);
    }
  }

  void add_slots(const Dict& slots, const Known& known, const std::string& path) {
    if (slots.entries.empty()) return;
    const std::string own = "state/" + known.parameter->name + "/";
    if (rules_.has_step)
      add(own + "step", step_of(require_slot(slots, "step", path), path + ".step"));
    for (const std::string_view slot : rules_.required_slots) require_slot(slots, slot, path);
    if (known.is_amsgrad) require_slot(slots, "max_exp_avg_sq", path);
    for (const DictEntry& entry : slots.entries) {
      const std::string& key = key_text(entry, path);
      if (key == "step" && rules_.has_step) continue;
      if (!has(rules_.slots, key))
        throw unsupported(path + "." + key,
                          "LibTorch's " + std::string(rules_.name) + " does not have this slot");
      if (entry.value.is_none() && !has(rules_.required_slots, key)) continue;
      check_slot(entry.value, *known.parameter, path + "." + key);
      add(own + key, entry.value);
    }
  }

  static const Value& require_slot(const Dict& slots, std::string_view name,
                                   const std::string& path) {
    if (const Value* slot = slots.find(name)) return *slot;
    throw mismatch(path + "." + std::string(name), "the slot is missing");
  }

  static void check_slot(const Value& value, const Parameter& parameter, const std::string& path) {
    if (value.tensor() == nullptr)
      throw mismatch(path, "the slot is not a tensor").found(std::string(value.type_name()));
    const DType dtype = value.tensor()->dtype;
    const bool is_complex = dtype == DType::kComplex64 || dtype == DType::kComplex128;
    if (!is_complex && !is_floating_point(dtype))
      throw mismatch(path, "no optimizer computes with the slot's dtype")
          .expected("a floating-point or complex one")
          .found(std::string(name_of(dtype)));
    if (value.tensor()->shape == parameter.shape) return;
    throw mismatch(path, "the slot has another shape than its parameter " + parameter.name)
        .expected(to_string(parameter.shape))
        .found(to_string(value.tensor()->shape));
  }

  const std::string& prefix_;
  const ClassRules& rules_;
  const std::vector<Parameter>& parameters_;
  const FromPythonOptions& options_;
  Dict entries_;
  std::size_t next_ = 0;                 // how many parameters the groups had so far
  std::map<std::int64_t, Known> known_;  // by Python's number
};

}  // namespace

std::vector<Item> from_python(const Value& state_dict, const std::string& optimizer,
                              OptimizerClass type, const std::vector<Parameter>& parameters,
                              const FromPythonOptions& options) {
  const std::string prefix = format::join({"optimizers", optimizer});
  return FromPython(prefix, rules_of(type), parameters, options).convert(state_dict);
}

std::optional<OptimizerClass> class_of(const Value& state_dict) {
  const Dict* dict = state_dict.dict();
  const Value* groups = dict == nullptr ? nullptr : dict->find("param_groups");
  const auto* list = groups == nullptr ? nullptr : groups->sequence();
  const Dict* group = list == nullptr || list->empty() ? nullptr : list->front().dict();
  if (group == nullptr) return std::nullopt;
  if (group->find("momentum") != nullptr && group->find("nesterov") != nullptr)
    return OptimizerClass::kSgd;
  const Value* decoupled = group->find("decoupled_weight_decay");
  if (group->find("betas") == nullptr || decoupled == nullptr || decoupled->boolean() == nullptr)
    return std::nullopt;
  return *decoupled->boolean() ? OptimizerClass::kAdamW : OptimizerClass::kAdam;
}

}  // namespace holdfast::exchange
