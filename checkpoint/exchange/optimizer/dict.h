// The state of LibTorch's SGD, Adam and AdamW as Python's optimizer.state_dict(), and back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <holdfast/checkpoint/exchange/values/value.h>
#include <holdfast/checkpoint/item/source.h>

namespace holdfast::exchange {

// The classes whose state is known in both worlds.
enum class OptimizerClass { kSgd, kAdam, kAdamW };

// A parameter, as Python numbers them: in the order of the optimizer's groups.
struct Parameter {
  std::string name;  // "<model>/<dotted.name>": two components of format/names.h
  Shape shape;
};

struct PythonOptimizer {
  OptimizerClass type = OptimizerClass::kSgd;
  Value state_dict;  // {"state": {0: {…}, …}, "param_groups": [{…, "params": [0, …]}, …]}
  // By Python's numbers: the names of the parameters that the optimizer in Python must be given, in
  // this order.
  std::vector<std::string> parameters;
};

// From the entries of a checkpoint below optimizers/<optimizer> (docs/format.md, "The names of a
// state"); others among the items are passed over. `step` becomes a tensor, as PyTorch 1.12 and
// later have it: float32, or float64 where float32 cannot hold it. What is not there, such as
// `maximize`, load_state_dict sets to what LibTorch does.
// Error(kNotFound) without such entries, Error(kUnsupported) names an optimizer of another class
// and an option or a slot that is not known, Error(kMismatch) what is not as it was stored.
PythonOptimizer to_python(const std::vector<Item>& items, const std::string& optimizer);

struct FromPythonOptions {
  // Keys of parameter groups that are left out, such as "initial_lr" of Python's schedulers, which
  // LibTorch has no option for. Else a key that LibTorch does not have is refused.
  std::vector<std::string> ignored;
};

// The inverse: entries optimizers/<optimizer>/… that a restore takes. `state_dict` is what Python's
// optimizer.state_dict() returned, of that class, for `parameters` in this order. Of what LibTorch
// does not have, only the value that changes nothing is taken: maximize, capturable and
// differentiable False, decoupled_weight_decay as the class has it; foreach and fused may be
// anything, as they choose between ways to compute the same.
// Error(kUnsupported) names what cannot be carried over: another key, another value, a learning
// rate that is a tensor, a step that is no whole number. Error(kMismatch): not such a dict, a key
// that is missing, another number of parameters, a slot of another shape than its parameter, or
// `param_names` that are others.
std::vector<Item> from_python(const Value& state_dict, const std::string& optimizer,
                              OptimizerClass type, const std::vector<Parameter>& parameters,
                              const FromPythonOptions& options = {});

// The class that a dict of Python's is of, by its keys. Empty if they leave it open: Adam and AdamW
// have the same before PyTorch 2.7.
std::optional<OptimizerClass> class_of(const Value& state_dict);

std::string_view name_of(OptimizerClass type);  // "SGD", "Adam", "AdamW"

}  // namespace holdfast::exchange
