// The gradients of a model as part of the state: for saves in the middle of an accumulation.
#pragma once

#include <memory>
#include <string>

#include <torch/nn/module.h>

#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/entry_names.h>

namespace holdfast {

// Entries: gradients/<model>/<dotted.name> for each parameter, a tensor or undefined. A model
// without parameters has one entry gradients/<model> of kind "none" instead. All gradients of a
// model are restored, or none of them.
class ModuleGradients {
 public:
  // `model` is escaped. Keeps a reference to the module.
  ModuleGradients(const std::string& model, torch::nn::Module& module);

  void capture(Capture& capture);
  void prepare(Restore& restore);
  // After prepare(): true if apply() will set the gradients, since the checkpoint has them.
  bool will_be_set() const { return stored_ != nullptr; }
  void apply();

 private:
  std::string prefix_;
  torch::nn::Module& module_;
  EntryNames names_;
  std::shared_ptr<const StoredState> stored_;  // between prepare() and apply()
};

}  // namespace holdfast
