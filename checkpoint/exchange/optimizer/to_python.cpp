#include <holdfast/checkpoint/exchange/optimizer/dict.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>
#include <utility>

#include <holdfast/checkpoint/base/error.h>
#include <holdfast/checkpoint/exchange/optimizer/rules.h>
#include <holdfast/checkpoint/format/names.h>

namespace holdfast::exchange {
namespace {

// The entries below a prefix, by their unescaped components.
struct Node {
  std::string path;  // of the entry, for messages
  std::optional<Value> value;
  std::map<std::string, Node> children;

  const Node* find(const std::string& name) const {
    const auto found = children.find(name);
    return found == children.end() ? nullptr : &found->second;
  }
};

bool starts_with(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

// The items below the prefix. An item that is tied to one elsewhere becomes a value of its own.
std::vector<Item> items_below(const std::string& prefix, const std::vector<Item>& items) {
  std::unordered_map<std::string_view, const Item*> by_name;
  std::vector<Item> below;
  for (const Item& item : items) {
    by_name.emplace(item.name, &item);
    if (!starts_with(item.name, prefix)) continue;
    below.push_back(item);
    const auto target = by_name.find(item.alias_of);
    if (item.alias_of.empty() || starts_with(item.alias_of, prefix)) continue;
    if (target == by_name.end()) throw mismatch(item.name, "an alias of nothing");
    below.back().alias_of.clear();
    below.back().source = target->second->source;
  }
  return below;
}

Node tree_of(const std::string& prefix, const std::vector<Item>& items) {
  Node root;
  root.path = prefix;
  const Value values = value_of(items_below(prefix + "/", items));
  for (const DictEntry& entry : values.dict()->entries) {
    const std::string& name = *entry.key.text();
    const auto components = format::split(std::string_view(name).substr(prefix.size() + 1));
    if (!components) throw mismatch(name, "this is not the name of an entry");
    Node* node = &root;
    for (const std::string& component : *components) {
      Node& child = node->children[component];
      child.path = node->path + "/" + format::escape(component);
      node = &child;
    }
    node->value = entry.value;
  }
  return root;
}

const Node& require(const Node& node, std::string_view name) {
  if (const Node* child = node.find(std::string(name))) return *child;
  throw mismatch(node.path + "/" + std::string(name), "the entry is missing");
}

template <typename T>
const T& value_as(const Node& node, const T* (Value::*get)() const, const char* what) {
  const T* value = node.value ? ((*node.value).*get)() : nullptr;
  if (value == nullptr) throw mismatch(node.path, "the entry has the wrong kind").expected(what);
  return *value;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

template <typename T>
Value scalar_tensor(DType dtype, T number) {
  std::vector<std::byte> bytes(sizeof number);
  std::memcpy(bytes.data(), &number, sizeof number);
  auto tensor = std::make_shared<Tensor>();
  tensor->dtype = dtype;
  tensor->source = std::make_shared<OwnedBytes>(std::move(bytes));
  return std::shared_ptr<const Tensor>(std::move(tensor));
}

// A tensor, as Python has it: float32 if it holds the step exactly, else float64.
Value step_tensor(const Node& node) {
  constexpr std::int64_t kMost = std::int64_t{1} << 53;  // above it float64 skips integers
  const std::int64_t step = value_as(node, &Value::integer, "an integer");
  if (step < 0 || step > kMost)
    throw unsupported(node.path, "Python cannot count to this step").found(std::to_string(step));
  if (static_cast<std::int64_t>(static_cast<float>(step)) == step)
    return scalar_tensor(DType::kFloat32, static_cast<float>(step));
  return scalar_tensor(DType::kFloat64, static_cast<double>(step));
}

Value betas_of(const Node& node) {
  const bool is_pair = value_as(require(node, "type"), &Value::text, "a text") == "tuple" &&
                       node.children.size() == 3;
  if (!is_pair) throw mismatch(node.path, "this is not a pair of numbers");
  return Tuple{{value_as(require(node, "0"), &Value::real, "a float"),
                value_as(require(node, "1"), &Value::real, "a float")}};
}

Value option_of(const Node& node, OptionRule::Type type) {
  switch (type) {
    case OptionRule::Type::kReal:
      return value_as(node, &Value::real, "a float");
    case OptionRule::Type::kBool:
      return value_as(node, &Value::boolean, "a bool");
    case OptionRule::Type::kBetas:
      break;
  }
  return betas_of(node);
}

class ToPython {
 public:
  ToPython(const Node& optimizer, const ClassRules& rules) : optimizer_(optimizer), rules_(rules) {}

  PythonOptimizer convert() && {
    Dict dict;
    Value groups = param_groups();  // numbers the parameters
    dict.add("state", state());
    dict.add("param_groups", std::move(groups));
    return {rules_.type, std::move(dict), std::move(parameters_)};
  }

 private:
  Value param_groups() {
    const Node& groups = require(optimizer_, "groups");
    List list;
    for (std::size_t i = 0; i < groups.children.size(); ++i)
      list.elements.push_back(param_group(require(groups, std::to_string(i))));
    return list;
  }

  Value param_group(const Node& group) {
    Dict dict;
    for (const OptionRule& rule : rules_.options)
      dict.add(std::string(rule.name),
               option_of(require(group, std::string(rule.name)), rule.type));
    for (const auto& [name, node] : group.children)
      if (name != "params" && dict.find(name) == nullptr)
        throw unsupported(node.path,
                          "an option that Python's " + std::string(rules_.name) + " does not have");
    List numbers;
    for (const std::string& name :
         lines_of(value_as(require(group, "params"), &Value::text, "a text"))) {
      const auto number = static_cast<std::int64_t>(parameters_.size());
      numbers.elements.emplace_back(numbers_.emplace(name, number).first->second);
      parameters_.push_back(name);
    }
    dict.add("params", std::move(numbers));
    return dict;
  }

  Value state() const {
    std::map<std::int64_t, Value> by_number;
    const Node* models = optimizer_.find("state");
    if (models == nullptr) return Dict();
    for (const auto& [model, parameters] : models->children)
      for (const auto& [parameter, slots] : parameters.children) {
        const auto number = numbers_.find(format::join({model, parameter}));
        if (number == numbers_.end())
          throw mismatch(slots.path, "the state is of a parameter that is in no group");
        Value converted = slots_of(slots);
        if (!converted.is_none()) by_number.emplace(number->second, std::move(converted));
      }
    Dict dict;
    for (auto& [number, slots] : by_number) dict.add(number, std::move(slots));
    return dict;
  }

  // None for a state without values.
  Value slots_of(const Node& slots) const {
    if (slots.value && slots.value->is_none() && rules_.required_slots.empty()) return {};
    Dict dict;
    if (rules_.has_step) dict.add("step", step_tensor(require(slots, "step")));
    for (const std::string_view required : rules_.required_slots)
      require(slots, std::string(required));
    for (const std::string_view slot : rules_.slots) {
      const Node* node = slots.find(std::string(slot));
      if (node == nullptr) continue;
      value_as(*node, &Value::tensor, "a tensor");
      dict.add(std::string(slot), *node->value);
    }
    for (const auto& [name, node] : slots.children)
      if (dict.find(name) == nullptr)
        throw unsupported(node.path,
                          "a slot that Python's " + std::string(rules_.name) + " does not have");
    return dict;
  }

  const Node& optimizer_;
  const ClassRules& rules_;
  std::vector<std::string> parameters_;                    // in the order of the groups
  std::unordered_map<std::string, std::int64_t> numbers_;  // the first position of each in it
};

}  // namespace

PythonOptimizer to_python(const std::vector<Item>& items, const std::string& optimizer) {
  const Node node = tree_of(format::join({"optimizers", optimizer}), items);
  if (node.children.empty())
    throw Error(ErrorKind::kNotFound, "there is no state of an optimizer of that name")
        .at(node.path);
  const std::string& type = value_as(require(node, "type"), &Value::text, "a text");
  for (const ClassRules& rules : all_class_rules())
    if (type == rules.class_name) return ToPython(node, rules).convert();
  throw unsupported(node.path,
                    "the state of an optimizer of this class cannot be written for Python")
      .expected("torch::optim::SGD, Adam or AdamW")
      .found(type);
}

}  // namespace holdfast::exchange
