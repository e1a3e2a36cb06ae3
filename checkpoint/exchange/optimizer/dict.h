// The state of LibTorch's SGD, Adam and AdamW as Python's optimizer.state_dict(), and back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/optimizer/optimizer_class.h>
#include <holdfast/checkpoint/exchange/values/value.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

// A parameter, as Python numbers them: in the order of the optimizer's groups.
struct Parameter {
  std::string name;  // "<model>/<dotted.name>": two components of format/names.h
  Shape shape;
};

struct PythonOptimizer {
  OptimizerClass type = OptimizerClass::kSgd;
  Value state_dict;  // {"state": {0: {…}, …}, "param_groups": [{…, "params": [0, …]}, …]}
  // The names of the parameters in the order in which the optimizer in Python must be given them:
  // parameter 0 of state_dict first.
  std::vector<std::string> parameters;
};

// From the entries of a checkpoint below optimizers/<optimizer> (docs/format.md, "The names of a
// state"); other items are passed over. `step` becomes a tensor, as in PyTorch 1.12 and later:
// float32, or float64 where float32 cannot hold it. Options that LibTorch does not have, such as
// `maximize`, are left out; Python's load_state_dict then does what LibTorch does.
// Error(kNotFound) if there are no such entries; Error(kUnsupported) names an optimizer of another
// class, or an option or a slot that is not known; Error(kMismatch) names an entry that is missing
// or has the wrong kind.
PythonOptimizer to_python(const std::vector<Item>& items, const std::string& optimizer);

struct FromPythonOptions {
  // Keys of parameter groups to leave out, such as "initial_lr", which Python's schedulers add. Any
  // other key that LibTorch does not have is refused.
  std::vector<std::string> ignored;
};

// The inverse: entries optimizers/<optimizer>/… that a restore takes. `state_dict` is what
// optimizer.state_dict() of that class returned in Python, for `parameters` in this order. An
// option that LibTorch does not have must have the value that changes nothing: maximize, capturable
// and differentiable False, decoupled_weight_decay as the class has it. foreach and fused may have
// any value: they choose between ways to compute the same. Error(kUnsupported) names what LibTorch
// cannot have: another key or value, a learning rate that is a tensor, a step that is not a whole
// number. Error(kMismatch) if this is not such a dict, a key is missing, the number of parameters
// differs, a slot has another shape than its parameter, or `param_names` has other names.
std::vector<Item> from_python(const Value& state_dict, const std::string& optimizer,
                              OptimizerClass type, const std::vector<Parameter>& parameters,
                              const FromPythonOptions& options = {});

// The class of the optimizer that a state_dict() is of, by its keys. Empty if they do not tell:
// before PyTorch 2.7 Adam and AdamW have the same keys.
std::optional<OptimizerClass> class_of(const Value& state_dict);

}  // namespace holdfast::exchange
