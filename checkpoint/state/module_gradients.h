// The gradients of a model, where a save in the middle of an accumulation needs them.
#pragma once

#include <memory>
#include <string>

#include <torch/nn/module.h>

#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/member_names.h>

namespace holdfast {

// gradients/<model>/<dotted.name>, one for each parameter: a tensor, or undefined. "none" in their
// place for a model without parameters. Restored as a whole or not at all.
class ModuleGradients {
 public:
  // `model` is escaped. Keeps a reference to the module.
  ModuleGradients(const std::string& model, torch::nn::Module& module);

  void capture(Capture& capture);
  void prepare(Restore& restore);
  bool will_be_set() const { return stored_ != nullptr; }  // by apply(): the checkpoint has them
  void apply();

 private:
  std::string prefix_;
  torch::nn::Module& module_;
  MemberNames names_;
  std::shared_ptr<const StoredState> stored_;  // between prepare() and apply()
};

}  // namespace holdfast
