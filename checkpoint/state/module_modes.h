// How a model trains: train() or eval(), requires_grad, and which gradients are defined.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <holdfast/checkpoint/state/component.h>
#include <holdfast/checkpoint/state/entry_names.h>
#include <holdfast/checkpoint/state/mode_change.h>

namespace holdfast {

// A text of names, one a line. It is built anew for each save, but bytes that are the same as in
// the save before are compared and not written, so that nothing is allocated.
class NameLines {
 public:
  void clear() { end_ = 0; }
  void add(std::string_view name);  // not empty, without '\n'
  std::string_view text() const { return std::string_view(text_).substr(0, end_); }

 private:
  void append(std::string_view part);

  std::string text_;
  std::size_t end_ = 0;
};

// modes/<model>/
//   parameters      text: the dotted names of the parameters, escaped, one a line
//   requires_grad   bool [parameters], in the order of that list
//   has_gradient    bool [parameters]: is a dense gradient defined?
//   modules         text: the names of the model itself ("%") and its submodules, likewise
//   training        bool [modules], in the order of that list: train() or eval()
// A restore matches flags by name. It does not require the lists to be the same: parameters and
// submodules without a flag in the checkpoint stay as they are.
class ModuleModes {
 public:
  // `model` is escaped. Keeps a reference to the module.
  ModuleModes(const std::string& model, torch::nn::Module& module);

  // A save calls begin(), then add() for each parameter, then capture().
  void begin();
  void add(const std::string& escaped, const at::Tensor& parameter);
  void capture(Capture& capture);

  // A restore calls prepare(), then apply(). `with_gradients` false: the has_gradient flags are
  // ignored.
  void prepare(Restore& restore, bool with_gradients);
  void apply();

  // What apply() has changed since the last forget_changes(), also where it threw midway: at most
  // one for each mode and its new value, in the order of ModeChange::Mode.
  const std::vector<ModeChange>& changes() const { return changes_; }
  void forget_changes() { changes_.clear(); }

 private:
  // What the checkpoint has. A tensor is undefined if the checkpoint has no such flags.
  struct Stored {
    std::unordered_map<std::string, std::size_t> parameters, modules;  // escaped name -> its line
    at::Tensor requires_grad, has_gradient, training;
  };

  at::Tensor flags(Restore& restore, const StoredState& stored, const std::string& name,
                   std::size_t count) const;
  void check_flags(Restore& restore) const;
  void note_change(ModeChange::Mode mode, bool now, const std::string& dotted);

  std::string model_, prefix_;
  std::string parameters_path_, requires_grad_path_, has_gradient_path_, modules_path_,
      training_path_;
  torch::nn::Module& module_;
  EntryNames module_names_;
  NameLines parameter_lines_, module_lines_;
  std::vector<std::byte> requires_grad_, has_gradient_, training_;
  std::unique_ptr<const Stored> stored_;  // between prepare() and apply()
  std::vector<ModeChange> changes_;
};

}  // namespace holdfast
