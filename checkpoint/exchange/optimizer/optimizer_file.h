// What an import is told of an optimizer in a file, and what it tells of it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <holdfast/checkpoint/exchange/optimizer/optimizer_class.h>

namespace holdfast::exchange {

// What Python's optimizer.state_dict() returned, in a PyTorch file.
struct OptimizerFile {
  std::string name;  // that the optimizer gets in the checkpoint
  std::string path;
  std::string key;  // where it is in the file: a dotted path of keys. Empty: it is all of the file
  // Empty: what the file leaves no doubt about, or as in ImportOptions::like.
  std::optional<OptimizerClass> type;
  std::vector<std::string> ignored;  // as FromPythonOptions::ignored
  // The parameters that the optimizer in Python was given, in the order of its groups:
  // "<model>/<dotted.name>", or the dotted name alone where only one model has it. Empty: what the
  // file or `like` leave no doubt about.
  std::vector<std::string> parameters;
};

struct ImportedOptimizer {
  std::string name;
  OptimizerClass type = OptimizerClass::kSgd;
  std::vector<std::string> parameters;  // "<model>/<dotted.name>", by Python's numbers
};

}  // namespace holdfast::exchange
